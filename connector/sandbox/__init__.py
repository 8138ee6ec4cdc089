"""Local stand-ins of Partnero and Tolt, served over real HTTP on loopback.

They follow the API notes, doubts included (every doubt is a switch), and know
nothing of the connector. Not a simulation of the products' business: commissions
are one percentage, nothing is ever paid out, no mail leaves the machine.
"""
