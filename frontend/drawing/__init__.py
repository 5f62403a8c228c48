"""Figures as HTML and SVG that need no script: pages, printers and downloads draw them alike."""
