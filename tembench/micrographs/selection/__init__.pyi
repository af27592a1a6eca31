from .auto_method import (
    AUTO as AUTO,
    AutoMethod as AutoMethod,
)
from .choice import (
    MethodChoice as MethodChoice,
)
from .choose_method import (
    choose as choose,
)
