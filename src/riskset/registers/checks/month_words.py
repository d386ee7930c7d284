"""Names of months as registers write them: English ones in three letters are read, others are told."""

from __future__ import annotations

_ENGLISH = "january february march april may june july august september october november december"
ENGLISH_IN_FULL = frozenset(_ENGLISH.split())
ENGLISH = frozenset(month[:3] for month in ENGLISH_IN_FULL)

_IN_FULL = """
januari februari mars april maj juni juli augusti september oktober november december
januar februar marts april maj juni juli august september oktober november december
januar februar mars april mai juni juli august september oktober november desember
tammikuu helmikuu maaliskuu huhtikuu toukokuu kesäkuu heinäkuu elokuu syyskuu lokakuu marraskuu joulukuu
tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta syyskuuta lokakuuta marraskuuta
joulukuuta tammi helmi maalis huhti touko kesä heinä elo syys loka marras joulu
janúar febrúar apríl maí júní júlí ágúst október nóvember desember
jaanuar veebruar märts aprill mai juuni juuli oktoober detsember
januar märz mai juni juli oktober dezember januari maart mei augustus oktober
janvier février avril juin juillet août septembre octobre novembre décembre
enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
"""
_SHORT = """
maj mai mei okt des dez mrt mär mrz maa hel tam huh tou kes hei elo syy lok jou mars sept juni juli jún júl ágú
janv févr avr juin juil août déc ene abr ago dic gen mag giu lug set ott
"""
OF_OTHERS = frozenset(_IN_FULL.split()) | frozenset(_SHORT.split())
"""Swedish, Danish, Norwegian, Finnish, Icelandic, Estonian, German, Dutch, French, Spanish and Italian ones."""
