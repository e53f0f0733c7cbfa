"""Where the parts of a chart stand: numbers in, places and sizes out. Templates draw them as SVG."""
