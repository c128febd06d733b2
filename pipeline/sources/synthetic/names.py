"""Invented names. Any likeness to a person comes from chance: given and family names are drawn apart."""

from __future__ import annotations

_GIVEN_TO_WOMEN = """\
Adela Bettina Calla Dorina Elspeth Fenja Greta Hanneli Ilka Jorun Katell Linnea Maris Nadja Odile
Petra Quilla Rosalie Sanna Tilda Ulrike Vesna Wanda Xenia Ysolde Zelda Amira Noor Leila Imani"""

_GIVEN_TO_MEN = """\
Anton Bruno Casimir Dario Emeric Florin Gustav Hamid Ivo Jannik Kasper Lorenz Matteo Niklas Otmar
Pavel Quirin Rasmus Stellan Tobias Urban Viktor Wendel Xaver Yannis Zoltan Kofi Samir Ravi Tomas"""

_FAMILIES = """\
Abelard Ambrose Ashgrove Balfour Barlow Beckhurst Birkdale Bramwell Calloway Carrick Castellan Corvane
Dalgarno Darrow Delacourt Dunmore Eastlake Ellery Ensworth Fairholm Farrier Fenwick Fontaine Galbraith Garrowby Glaisdale
Greaves Hadleigh Halloway Harrowgate Hollis Ibarra Ingleby Iverson Jardine Jessop Kallin Kestrel Kilbride Kirkwood Lambourne
Larkspur Ledbury Lockhart Lorimer Maddox Marchetti Mellory Merrow Nakatomi Nettleton Norrington Oakhurst Okonjo Ormsby Orsini
Pagett Pelham Penrose Quillan Quorn Radcliffe Rahimi Ravenel Rowntree Sandoval Selwyn Silvane Stanhope Tamsin Thackeray
Thornbury Tolliver Umber Valmont Vasari Wexcombe Whitlock Yardley Zellan"""

GIVEN_NAMES = tuple((_GIVEN_TO_WOMEN + " " + _GIVEN_TO_MEN).split())
"""The first half is given to women, the second to men."""

FAMILY_NAMES = tuple(_FAMILIES.split())
