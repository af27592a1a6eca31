"""Report of the evidence: one page, its numbers, and the columns for other programs.

- `findings`: the evidence in plain words, one line each, and the verdict over all
- `report_page`: one HTML file with all evidence, from ``report.html``
- `report_pictures`: images, maps and columns as PNG
- `report_charts`: lines and intervals as SVG
- `report_numbers`: all figures of the evidence as plain values for JSON
- `column_files`: the columns with their verdicts as CSV, and for napari and ImageJ
- `write_report`: the folder of a report, written whole or not at all
"""
