from .column_choice import (
    all_columns as all_columns,
    compact_columns as compact_columns,
    named_columns as named_columns,
    usual_columns as usual_columns,
)
from .table_columns import (
    TableColumn as TableColumn,
    cost_columns as cost_columns,
    metric_column as metric_column,
    rank_column as rank_column,
)
from .worst_case_columns import worst_columns as worst_columns
