"""What despatch advices and carriers' reports say, whatever they are written in: EDIFACT, X12 or UBL.

`advice` has a despatch advice and what follows of it, `status` a carrier's report, `amounts` and `moments` how both write things.
docs/edi.md has the table of what becomes what.
"""
