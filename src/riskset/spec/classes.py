"""Names of drug classes for people to read; a class without one here is shown by its code."""

from __future__ import annotations

CLASSES = {
    "A": "alimentary tract and metabolism",
    "A02BC": "proton pump inhibitors",
    "A10": "medicines for diabetes",
    "A10A": "insulins",
    "A10B": "glucose-lowering medicines other than insulin",
    "B": "blood and blood-forming organs",
    "B01A": "antithrombotics",
    "C": "cardiovascular system",
    "C03": "diuretics",
    "C07": "beta blockers",
    "C08": "calcium channel blockers",
    "C09": "renin-angiotensin medicines",
    "C10A": "lipid-lowering medicines",
    "C10AA": "statins",
    "D": "skin",
    "G": "genito-urinary system and sex hormones",
    "H": "systemic hormones other than sex hormones and insulins",
    "H02": "systemic corticosteroids",
    "H03A": "thyroid hormones",
    "J": "anti-infectives for systemic use",
    "J01": "antibacterials",
    "L": "antineoplastic and immunomodulating agents",
    "L04": "immunosuppressants",
    "M": "musculo-skeletal system",
    "M01A": "non-steroidal anti-inflammatory medicines",
    "N": "nervous system",
    "N02A": "opioids",
    "N03A": "antiepileptics",
    "N04": "medicines for Parkinson's disease",
    "N05": "psycholeptics",
    "N05A": "antipsychotics",
    "N05B": "anxiolytics",
    "N05BA": "benzodiazepine anxiolytics",
    "N05C": "hypnotics and sedatives",
    "N05CF": "benzodiazepine-related hypnotics",
    "N06": "psychoanaleptics",
    "N06A": "antidepressants",
    "N06AA": "tricyclic antidepressants",
    "N06AB": "selective serotonin reuptake inhibitors",
    "N06B": "psychostimulants",
    "N06D": "medicines for dementia",
    "P": "antiparasitic products",
    "R": "respiratory system",
    "R03": "medicines for obstructive airway diseases",
    "S": "sensory organs",
    "V": "various",
}
"""ATC code → what the class is called."""


def class_name(code: str) -> str:
    """``N05B (anxiolytics)``; a code without a name of its own is named by the class it lies in."""
    if code in CLASSES:
        return f"{code} ({CLASSES[code]})"
    above = next((code[:n] for n in (5, 4, 3) if code[:n] in CLASSES), None)
    return f"{code} (of {above}, {CLASSES[above]})" if above else code
