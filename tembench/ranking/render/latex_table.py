"""x"""
from typing import Any
def latex_table(table: Any, names: Any) -> str: return ""
