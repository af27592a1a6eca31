"""Page of each method: card, panel, all metrics, losses in the audit, and data for its curves.

- `lost_in_audit`: losses of a method in its audit
- `method_card`: who made a method, what it costs, and what its row traces to
- `method_pages`: the pages of a table's methods, written
- `method_scores`: all metrics of a method as text, with ranks and places
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
