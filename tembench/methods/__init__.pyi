from .adaptation.gain_tuning import (
    GainTuned as GainTuned,
    GainTuning as GainTuning,
)
from .adaptation.zero_shot import ZeroShot as ZeroShot
from .classical.bm3d import (
    BM3D as BM3D,
    GuidedBM3D as GuidedBM3D,
)
from .classical.look_up import (
    LookUp as LookUp,
    write_dictionary as write_dictionary,
)
from .classical.nlm import NonLocalMeans as NonLocalMeans
from .classical.wavelet import WaveletShrinkage as WaveletShrinkage
from .counts.anscombe import (
    anscombe as anscombe,
    denoise_image as denoise_image,
    denoise_stabilised as denoise_stabilised,
    inverse_anscombe as inverse_anscombe,
)
from .counts.bin_side import (
    BinSide as BinSide,
    bins_of as bins_of,
)
from .counts.binning import (
    bin_counts as bin_counts,
    refuse_less_than_a_bin as refuse_less_than_a_bin,
    unbin as unbin,
)
from .counts.focal_series import (
    bin_series as bin_series,
    known_series as known_series,
    series_of as series_of,
    spread_evenly as spread_evenly,
)
from .counts.noise_spectrum import (
    NoiseSpectrum as NoiseSpectrum,
    noise_spectrum as noise_spectrum,
)
from .counts.registration import (
    frame_shifts as frame_shifts,
    registered_sum as registered_sum,
)
from .inference.network_denoiser import NetworkDenoiser as NetworkDenoiser
from .method import (
    Method as Method,
    load_method as load_method,
    replaces_baseline as replaces_baseline,
)
from .method_toml import (
    METHOD_NAME as METHOD_NAME,
    METHOD_NAME_IN_WORDS as METHOD_NAME_IN_WORDS,
    SINGLE_LINE as SINGLE_LINE,
    TRAINED_ON as TRAINED_ON,
    is_parameter as is_parameter,
    is_parameter_name as is_parameter_name,
    read_method_keys as read_method_keys,
)
from .network_method import NetworkMethod as NetworkMethod
from .networks.blind_spot import (
    BlindSpotNetwork as BlindSpotNetwork,
    PosteriorMean as PosteriorMean,
)
from .networks.centres import Centres as Centres
from .networks.dncnn import DnCNN as DnCNN
from .networks.gated_unet import GatedUNet as GatedUNet
from .networks.setup import (
    device_name as device_name,
    initialise as initialise,
    pick_device as pick_device,
    to_device as to_device,
)
from .networks.size import unet_size as unet_size
from .networks.small_unet import SmallUNet as SmallUNet
from .networks.unet import UNet as UNet
from .new_method import write_new_method as write_new_method
from .protocol import (
    Denoiser as Denoiser,
    FocalSeries as FocalSeries,
    ImageSource as ImageSource,
    MovieFrames as MovieFrames,
    NoisyImage as NoisyImage,
    NoisySeries as NoisySeries,
    TrainingData as TrainingData,
    TrainingWaves as TrainingWaves,
)
from .runs.apply import (
    apply as apply,
    view as view,
    warm_up as warm_up,
)
from .runs.denoise import (
    denoise as denoise,
    method_origin as method_origin,
)
from .runs.drawn_parameters import suited as suited
from .runs.output_writer import (
    OUTPUTS_FORMAT as OUTPUTS_FORMAT,
    OUTPUTS_TOML as OUTPUTS_TOML,
    OUTPUTS_ZARR as OUTPUTS_ZARR,
    create_output_arrays as create_output_arrays,
    data_table as data_table,
    refuse_other_outputs as refuse_other_outputs,
)
from .runs.train import (
    train as train,
    train_recorded as train_recorded,
)
from .runs.training_data import (
    CleanImages as CleanImages,
    NoisyImages as NoisyImages,
    training_data as training_data,
)
from .runs.tune import (
    tune as tune,
    write_tuned as write_tuned,
)
from .third_party import (
    foreign_code as foreign_code,
    one_line as one_line,
)
from .training.config import TrainingConfig as TrainingConfig
from .training.history import (
    HISTORY as HISTORY,
    Point as Point,
    read_history as read_history,
)
from .training.loop import fit as fit
from .training.losses import LOSSES as LOSSES
from .training.objective import (
    PSNR as PSNR,
    Objective as Objective,
    mean_psnr_db as mean_psnr_db,
    supervised_objective as supervised_objective,
)
from .training.records import (
    FIT as FIT,
    TRAINING as TRAINING,
    begun_record as begun_record,
    described as described,
    finished_record as finished_record,
    fit_record as fit_record,
    refuse_other_training as refuse_other_training,
    training_record as training_record,
    weights_digest as weights_digest,
)
from .training.samples.batches import (
    SYMMETRIES as SYMMETRIES,
    add_noise as add_noise,
    augment as augment,
)
from .training.samples.count_cache import read_counts as read_counts
from .training.self_supervised import (
    blind_spot_objective as blind_spot_objective,
    thinning_objective as thinning_objective,
)
from .training.trainer import Trainer as Trainer
