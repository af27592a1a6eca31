from .lost_in_audit import audit_lines as audit_lines
from .method_card import (
    method_facts as method_facts,
    trace_facts as trace_facts,
)
from .method_pages import write_method_pages as write_method_pages
from .method_scores import MethodScores as MethodScores
