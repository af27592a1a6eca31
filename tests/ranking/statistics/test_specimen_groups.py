"""Groups of images: their bins, their sizes, and images without a value."""

from __future__ import annotations

import numpy as np
from synthetic import drawn_scores

from tembench.ranking.statistics.specimen_groups import LEAST_SPECIMENS, image_groups


def test_groups_are_of_each_factor_and_of_all_together() -> None:
    scores = drawn_scores(200)
    groups = {group.name: group for group in image_groups(scores)}
    pt = groups["Pt on CeO2"]
    assert (pt.images == (scores["material"] == "Pt on CeO2")).all()
    assert pt.specimens == 100
    assert groups["on zone"].specimens + groups["off zone"].specimens == 200
    crossed = [name for name in groups if name.count(",") == 3]
    assert len(crossed) == 2 * 2 * 2 * 2
    for name in crossed:
        material, dose, defocus, orientation = name.split(", ")
        own = groups[material].images & groups[orientation].images
        own &= (
            scores["dose_e_per_A2"] < np.median(scores["dose_e_per_A2"])
            if "<" in dose
            else (scores["dose_e_per_A2"] >= np.median(scores["dose_e_per_A2"]))
        )
        own &= groups[defocus].images
        assert (groups[name].images == own).all(), name


def test_thirds_of_the_dose_and_halves_of_the_distance_from_focus() -> None:
    scores = drawn_scores(60)
    groups = image_groups(scores)
    doses = [group.images for group in groups if group.name.startswith("dose")]
    assert [int(images.sum()) for images in doses] == [40, 40, 40]
    assert (np.sum(doses, axis=0) == 1).all()
    near, far = (group.images for group in groups if group.name.startswith("|defocus|"))
    distance = scores["C10_nm"].abs()
    assert distance[near].max() < distance[far].min()
    assert near.sum() == far.sum() == 60


def test_small_groups_are_left_out() -> None:
    scores = drawn_scores(LEAST_SPECIMENS * 2 - 2)
    names = {group.name for group in image_groups(scores)}
    assert not {"Au on C", "Pt on CeO2"} & names
    assert "on zone" in names


def test_images_without_a_value_are_in_no_group_of_it() -> None:
    scores = drawn_scores(60)
    scores.loc[:19, "material"] = ""
    scores.loc[:19, "C10_nm"] = np.nan
    groups = [g for g in image_groups(scores) if "on" in g.name or "defocus" in g.name]
    of = [g for g in groups if not g.name.startswith(("on zone", "off zone"))]
    assert of
    assert not any(group.images[:20].any() for group in of)


def test_a_table_without_these_columns_has_no_groups() -> None:
    columns = ["material", "orientation", "dose_e_per_A2", "C10_nm"]
    assert image_groups(drawn_scores(60).drop(columns=columns)) == []
    assert [g.name for g in image_groups(drawn_scores(60).drop(columns=columns[1:]))] == [
        "Au on C",
        "Pt on CeO2",
    ]
