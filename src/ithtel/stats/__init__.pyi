# The public names, one line each, with the module that defines them. lazy_loader reads this file at import.
from .adjust import AdjustedPValues as AdjustedPValues
from .adjust import adjust_p_values as adjust_p_values
from .correlation import select as select
from .correlation import spearman as spearman
from .dimensionality import participation_ratio as participation_ratio
from .dimensionality import pca as pca
from .dimensionality import ridge_vif as ridge_vif
from .distribution import anderson_darling as anderson_darling
from .distribution import beta_fit as beta_fit
from .distribution import describe as describe
from .distribution import shapiro_wilk as shapiro_wilk
from .effect import cliffs_delta as cliffs_delta
from .effect import cohens_d as cohens_d
from .hypothesis import log_hypothesis_result as log_hypothesis_result
from .hypothesis import make_id as make_id
from .regime import hurst as hurst
from .regime import mann_whitney as mann_whitney
from .regime import regimes as regimes
from .regime import rolling_hurst as rolling_hurst
from .temporal import acf as acf
from .temporal import adf as adf

__all__: list[str]
