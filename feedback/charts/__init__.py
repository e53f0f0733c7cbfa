"""Where the parts of a chart stand: shares in, places and sizes out. Templates draw them as SVG."""
