from .auto_method import (
    AUTO as AUTO,
    AutoMethod as AutoMethod,
)
