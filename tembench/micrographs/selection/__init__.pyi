from .automatic import (
    Automatic as Automatic,
)
from .choice import (
    MethodChoice as MethodChoice,
)
from .choose_method import (
    choose as choose,
)
