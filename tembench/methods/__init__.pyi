from .adaptation.gain_tuning import (
    GainTuned as GainTuned,
)
from .adaptation.gain_tuning import (
    GainTuning as GainTuning,
)
from .adaptation.zero_shot import ZeroShot as ZeroShot
from .classical.bm3d import BM3D as BM3D
from .classical.nlm import NonLocalMeans as NonLocalMeans
from .classical.wavelet import WaveletShrinkage as WaveletShrinkage
from .counts.anscombe import (
    anscombe as anscombe,
)
from .counts.anscombe import (
    denoise_stabilised as denoise_stabilised,
)
from .counts.anscombe import (
    inverse_anscombe as inverse_anscombe,
)
from .counts.binning import (
    bin_counts as bin_counts,
)
from .counts.binning import (
    refuse_less_than_a_bin as refuse_less_than_a_bin,
)
from .counts.binning import (
    unbin as unbin,
)
from .counts.focal_series import (
    bin_series as bin_series,
)
from .counts.focal_series import (
    known_series as known_series,
)
from .counts.focal_series import (
    series_of as series_of,
)
from .counts.focal_series import (
    spread_evenly as spread_evenly,
)
from .inference.network_denoiser import NetworkDenoiser as NetworkDenoiser
from .method import (
    Method as Method,
)
from .method import (
    available_methods as available_methods,
)
from .method import (
    load_method as load_method,
)
from .method import (
    replaces_baseline as replaces_baseline,
)
from .network_method import NetworkMethod as NetworkMethod
from .networks.blind_spot import (
    BlindSpotNetwork as BlindSpotNetwork,
)
from .networks.blind_spot import (
    PosteriorMean as PosteriorMean,
)
from .networks.centres import Centres as Centres
from .networks.dncnn import DnCNN as DnCNN
from .networks.gated_unet import GatedUNet as GatedUNet
from .networks.setup import (
    device_name as device_name,
)
from .networks.setup import (
    initialise as initialise,
)
from .networks.setup import (
    pick_device as pick_device,
)
from .networks.setup import (
    to_device as to_device,
)
from .networks.small_unet import SmallUNet as SmallUNet
from .networks.unet import UNet as UNet
from .protocol import (
    Denoiser as Denoiser,
)
from .protocol import (
    FocalSeries as FocalSeries,
)
from .protocol import (
    ImageSource as ImageSource,
)
from .protocol import (
    NoisyImage as NoisyImage,
)
from .protocol import (
    NoisySeries as NoisySeries,
)
from .protocol import (
    TrainingData as TrainingData,
)
from .protocol import (
    TrainingWaves as TrainingWaves,
)
from .runs.apply import (
    apply as apply,
)
from .runs.apply import (
    view as view,
)
from .runs.apply import (
    warm_up as warm_up,
)
from .runs.denoise import (
    denoise as denoise,
)
from .runs.denoise import (
    method_origin as method_origin,
)
from .runs.train import (
    train as train,
)
from .runs.train import (
    train_recorded as train_recorded,
)
from .runs.training_data import (
    CleanImages as CleanImages,
)
from .runs.training_data import (
    NoisyImages as NoisyImages,
)
from .runs.training_data import (
    training_data as training_data,
)
from .runs.tune import write_tuned as write_tuned
from .training.batches import (
    SYMMETRIES as SYMMETRIES,
)
from .training.batches import (
    add_noise as add_noise,
)
from .training.batches import (
    augment as augment,
)
from .training.config import (
    TrainingConfig as TrainingConfig,
)
from .training.count_cache import read_counts as read_counts
from .training.loop import fit as fit
from .training.losses import (
    LOSSES as LOSSES,
)
from .training.objective import (
    PSNR as PSNR,
)
from .training.objective import (
    Objective as Objective,
)
from .training.objective import (
    mean_psnr_db as mean_psnr_db,
)
from .training.objective import (
    supervised_objective as supervised_objective,
)
from .training.records import (
    refuse_other_training as refuse_other_training,
)
from .training.self_supervised import (
    blind_spot_objective as blind_spot_objective,
)
from .training.self_supervised import (
    thinning_objective as thinning_objective,
)
from .training.trainer import Trainer as Trainer
