"""Sphinx's settings for the course's site; `build` copies them to what Sphinx reads."""

project = "Training CNNs: the finer details"
author = "the course's authors"
html_title = project

extensions = ["myst_nb"]
exclude_patterns = ["**.ipynb_checkpoints"]

# `build` has executed the notebooks, and keeps what has not changed.
nb_execution_mode = "off"
nb_ipywidgets_js = {}
nb_merge_streams = True
myst_enable_extensions = ["dollarmath", "amsmath", "colon_fence"]
myst_heading_anchors = 4
myst_dmath_double_inline = True
# A notebook goes from its title to an exercise where no section stands between.
suppress_warnings = ["myst.header"]

html_theme = "furo"
html_static_path = ["_static"]
# Slides are pages of their own.
html_extra_path = ["_extra"]
html_css_files = ["site.css"]
html_theme_options = {"navigation_with_keys": True, "top_of_page_buttons": []}
html_copy_source = False
# A summary would be fetched from the page, which a browser refuses to files without a server.
html_show_search_summary = False
html_show_sourcelink = False
html_show_sphinx = False
html_show_copyright = False
# Read from a folder, without a server and without a network.
mathjax_path = "mathjax.js"
mathjax3_config = {
    # The menu could load further parts from elsewhere.
    "options": {"enableMenu": False},
    "svg": {"fontCache": "global"},
}
