"""What displays show: HTML, SVG, matplotlib figures, tables and progress. Nothing outside this room writes HTML or SVG.

A module bears the name of the public function whose result it draws. Every value has its plain text where it is
defined; `_repr_html_` and `_repr_mimebundle_` call functions from here.
"""
