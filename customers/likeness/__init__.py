"""How alike two records are, and which are worth comparing. Pure: the fields and their weights are told from outside.

A record is a mapping from a field's name to its values (several phones, no city). The model is that of Fellegi and
Sunter (“A Theory for Record Linkage”, Journal of the American Statistical Association 64, 1969).
"""
