"""Rendering: a table as text, page and figure.

- `axis`: axis of the intervals in a table
- `by_factor_text`: scores by factor for the terminal
- `captions`: captions, headings and notes, the same in every format
- `closed_against_open`: figure of the closed track against the open one
- `csv_and_json`: CSV, and plain values for JSON
- `latex_table`: LaTeX, for a paper
- `markdown_tables`: Markdown, as a document or within a page
- `marked_tables`: tables between markers in a page, such as a README
- `page`: one HTML file, from ``page.html``
- `table_figure`: PNG figure
- `table_formats`: the choice of a format
- `terminal`: text fitted to the width of the terminal
- `text_columns`: columns as text, the same for every format
"""
