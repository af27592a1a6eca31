"""Rendering: a table as text, page and figure.

- `axis`: axis of the intervals in a table
- `by_factor_text`: scores by factor for the terminal
- `captions`: captions, headings and notes, the same in every format
- `closed_against_open`: figure of the closed track against the open one
- `page`: one HTML file, from ``page.html``
- `table_figure`: PNG figure
- `table_formats`: Markdown, CSV and JSON, and the choice of the format
- `terminal`: text fitted to the width of the terminal
- `worst_columns`: columns of worst cases, spread of trainings and differences
"""
