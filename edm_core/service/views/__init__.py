"""What pages show: plain HTML, tables and words, most of it pure; and the widgets of the larger pages."""
