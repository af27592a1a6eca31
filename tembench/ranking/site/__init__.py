"""Site of tables: static pages that work from the file system, offline, and on any web host.

- `site_folder`: writes the whole site to a folder
- `site_pages`: pages from templates, all text of submissions escaped
- `method_page`: a page for each method of a table
- `table_records`: a table as plain values, for its page's script
- `score_data`: scores of every image, and the draws of the intervals, for scripts
- `factor_table`: factors of the images of a table, and the groups by each
- `image_viewer`: page that lays crops over each other, and the crops of each row
- `definitions`: meaning of each column, for its head and the page of metrics
- `recipe_card`: recipes of the tables, how to make the images again and to cite them
- `means_by_group`: means of all rows in each group of images
- `data_scripts`: values written as scripts that only deliver data
- `vendored`: the libraries that the pages load, with their licences

``templates`` has the pages, ``assets`` the scripts and styles of the project, ``vendor`` those of
others. A page is a template filled in, and a script that reads the page's data block; whatever is
large lies in data scripts, which are loaded when they are needed, since a page opened from the file
system may load scripts and nothing else.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
