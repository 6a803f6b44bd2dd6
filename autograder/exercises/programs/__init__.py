"""Training programs, healthy and sick, as source text: what an instrument is tried on.

It knows no exercise. `drawing` says what a healthy program is made of, `writing` makes its source,
`faults` plants one fault into it, `matrix` says which instrument must catch what, `harm` measures
what a fault costs beside the healthy twin.
"""
