"""Awkward stacks and damaged files of the image in ``awkward_cases``; importing it lists them."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import numpy as np
import tifffile
import xarray as xr
import zarr
from awkward_cases import (
    CLEAN,
    COUNTS,
    GREY,
    MOVIE,
    NM,
    PIXEL_SIZE_A,
    SIZE,
    SUM,
    THREE,
    U8,
    U16,
    add,
    cut,
    hspy,
    imagej,
    listed,
    mrc,
    npy,
    renamed,
    text,
    tiff,
    zspy,
)
from micrograph_files import write_berkeley, write_ser
from PIL import Image

# --- stacks ---
listed("one_frame.tif", "a stack of one frame", imagej(COUNTS.astype(U8)[None], axes="TYX"))
listed("three.tif", "three frames, as many as colours", imagej(THREE.astype(U8)), options=SUM)
listed("four.npy", "four frames, as many as channels", npy(MOVIE.astype(U8)),
      options=SIZE | SUM)  # fmt: skip
listed("movie.npy", "four frames, none chosen", npy(MOVIE.astype(U8)), options=SIZE)
listed("movie.tif", "a movie that ImageJ opened as slices", imagej(MOVIE.astype(U8), axes="ZYX",
      finterval=40, tunit="ms"), interval_s=0.04)  # fmt: skip
listed("frames_last.npy", "(y, x, 3)", npy(np.moveaxis(THREE, 0, -1)), options=SIZE,
      line="colours or frames")  # fmt: skip
listed("4d.npy", "four axes", npy(np.ones((3, 4, 40, 50), U8)), options=SIZE | SUM,
      line="3 x 4 x 40 x 50")  # fmt: skip
listed("time_zero.tif", "movie at an interval of 0 s",
      imagej(MOVIE.astype(U8), axes="TYX", finterval=0.0), options=SUM)  # fmt: skip
listed("zct.ome.tif", "OME with z, channels and times",
      lambda path: tifffile.imwrite(path, np.ones((2, 2, 2, 40, 50), U8), ome=True,
                                    metadata={"axes": "ZCTYX"}),
      options=SUM, line=r"2 \(z\) x 2 \(channel\) x 2 \(time\)")  # fmt: skip
listed("stack.st", "a stack of IMOD", mrc(MOVIE.astype("i1"), 0), options=SUM)
listed("turned.emd", "x first", lambda path: write_berkeley(path, COUNTS.T, "xy"),
      )  # fmt: skip
listed("movie.emd", "movie of Berkeley's EMD", lambda path: write_berkeley(path, MOVIE, "tyx"))
listed("packed.tif", "movie, each frame compressed", tiff(MOVIE.astype(U8), compression="zlib",
      photometric="minisblack"))  # fmt: skip
listed("movie.hspy", "movie of HyperSpy", hspy(MOVIE.astype(U8)), interval_s=0.05)
listed("movie.zspy", "movie of HyperSpy in a folder", zspy(MOVIE.astype(U8)),
      interval_s=0.05)  # fmt: skip
listed("movie_1.ser", "series of TIA", lambda path: write_ser(path, MOVIE.astype("<u2"),
      step_m=PIXEL_SIZE_A * 1e-10), interval_s=30.0)  # fmt: skip
listed("stopped_1.ser", "series stopped after 4 of 100 frames", lambda path: write_ser(
      path, MOVIE.astype("<u2"), total=100, wide=True, step_m=PIXEL_SIZE_A * 1e-10),
      options=SUM)  # fmt: skip
listed("two.npz", "two arrays", lambda path: np.savez(path, a=COUNTS, b=MOVIE), options=SIZE,
      line="2 images; got 0: a 511 x 509; 1: b")  # fmt: skip
listed("second.npz", "movie in an archive", lambda path: np.savez_compressed(
      path, a=COUNTS[:9, :9], b=MOVIE.astype(U8)),
      options=SIZE | {"dataset": 1})  # fmt: skip


@add("dims.zarr", "(time, y, x) of xarray, units in coordinates", interval_s=0.5)
def _xarray(path: Path) -> None:
    steps = {"time": (0.5, "s"), "y": (PIXEL_SIZE_A, "Å"), "x": (NM, "nm")}
    coordinates = {
        name: (name, step * np.arange(size), {"units": unit})
        for (name, (step, unit)), size in zip(steps.items(), MOVIE.shape, strict=True)
    }
    array = xr.DataArray(MOVIE.astype(U8), dims=tuple(steps), coords=coordinates, name="counts")
    array.to_dataset().to_zarr(path)


@add("pyramid.zarr", "OME-Zarr with a reduced level", warning="reduced level")
def _pyramid(path: Path) -> None:
    axes = [{"name": name, "type": "space", "unit": "nanometer"} for name in "yx"]
    levels = [
        {"path": str(i), "coordinateTransformations": [
            {"type": "scale", "scale": [NM * 2**i] * 2}]}
        for i in range(2)
    ]  # fmt: skip
    said = {"multiscales": [{"version": "0.4", "axes": axes, "datasets": levels}]}
    group = zarr.create_group(str(path), zarr_format=2, attributes=said)
    group.create_array("0", data=COUNTS.astype(U8))
    group.create_array("1", data=COUNTS[::2, ::2].astype(U8))


_LEFT = np.ones(COUNTS.shape)
_LEFT[384:, 384:] = 0


@add("lost_chunk.zarr", "one of 16 chunks lost in copying", options=SIZE, clean=CLEAN * _LEFT,
     electrons=float((COUNTS * _LEFT).sum()), warning="1 of 16 chunks")  # fmt: skip
def _lost_chunk(path: Path) -> None:
    zarr.create_array(str(path), data=COUNTS.astype(U8), chunks=(128, 128))
    (path / "c/3/3").unlink()


@add("pattern_1.ser", "diffraction, by the .emi beside it", line="reciprocal space")
def _pattern(path: Path) -> None:
    write_ser(path, COUNTS[None].astype("<i4"), step_m=1e7)
    label = "<Data><Label>Mode</Label><Value>TEM nP SA Diffraction</Value></Data>"
    path.with_name("pattern.emi").write_text(f"\0\1<ObjectInfo>{label}</ObjectInfo>")


@add("zipped.zspy", "movie of HyperSpy in one ZIP file", options=SUM)
def _zipped(path: Path) -> None:
    folder = path.with_name("unzipped.zspy")
    zspy(MOVIE.astype(U8))(folder)
    with zipfile.ZipFile(path, "w") as archive:
        for one in folder.rglob("*"):
            archive.write(one, one.relative_to(folder))
    shutil.rmtree(folder)


# --- damaged, misnamed, protected ---
listed("truncated.tif", "truncated", cut(imagej(COUNTS.astype(U16))), line="truncated")
listed("truncated_lzw.tif", "truncated, compressed",
      cut(tiff(COUNTS.astype(U16), compression="lzw")), line="truncated")  # fmt: skip
listed("truncated.mrc", "truncated", cut(mrc(COUNTS.astype("<i2"), 1)), line="truncated")
listed("truncated.hspy", "truncated", cut(hspy(MOVIE.astype(U8))), options=SUM, line="truncated")
listed("truncated_1.ser", "truncated", cut(lambda path: write_ser(path, MOVIE.astype("<u2"))),
      options=SUM, line="truncated")  # fmt: skip
listed("truncated.npz", "truncated", cut(lambda path: np.savez(path, COUNTS)), options=SIZE,
      line="truncated")  # fmt: skip
listed("truncated.npy", "truncated", cut(npy(COUNTS)), options=SIZE, line="truncated")
listed("empty.tif", "no byte", lambda path: path.write_bytes(b""), line="is empty")
listed("empty.zarr", "an empty folder", lambda path: path.mkdir(), line="not a Zarr folder")
listed("too_long.mrc", "a header of 10^7 sections", mrc(COUNTS.astype("<i2"), 1, "<", 10_000_000),
      line="truncated")  # fmt: skip
listed("text.tif", "a text", text("x y counts\n0 0 2\n"), line="cannot be read as .tif")
listed("picture.mrc", "PNG named .mrc", renamed(
      lambda path: Image.fromarray(GREY).save(path), ".png"), line="not an MRC file")  # fmt: skip
listed("mrc.tif", "MRC named .tif", mrc(COUNTS.astype("<i2"), 1), line="cannot be read as .tif")
listed("hspy.emd", "HDF5 of HyperSpy named .emd", renamed(hspy(MOVIE), ".hspy"),
      line="no EMD data set")  # fmt: skip
listed("wrong.xyz", "unknown suffix", text("?"), line="unknown format")
listed("a µ é & 'b'.tif", "a name with signs", imagej(COUNTS.astype(U8)))


@add("read_only.tif", "a file that must not be written to")
def _read_only(path: Path) -> None:
    imagej(COUNTS.astype(U8))(path)
    path.chmod(0o444)
