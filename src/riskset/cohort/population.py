"""Who is under observation, from when to when."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from riskset.errors import SourceError
from riskset.registers.observation import OBSERVATION, clipped, observe
from riskset.registers.registers import Registers
from riskset.spec.design import Period


def find_observation(
    registers: Registers,
    *,
    by_county: bool = False,
    persons: ir.Table | None = None,
    during: Period | None = None,
) -> ir.Table:
    """Spells of observation: resident in the country, born, and not yet dead.

    Spells of residence that touch or overlap are one spell; emigration and return make two.

    Parameters
    ----------
    by_county
        True cuts the spells where the county changes. Where delivered spells overlap, the county is that of the
        later start.
    persons
        A table with a column ``person_id``, in any number of rows: only these persons. Everyone when left out.
    during
        Only delivered spells that reach into this period, which is less work. ``entry`` and ``since`` are then right
        where they lie in the period, and else only known to lie before it.

    Returns
    -------
    A table of ``person_id, entry, exit, since`` (and ``county``). ``exit`` is the day after the last day at risk, so
    who dies or leaves on a day is at risk on it; ``since`` is the first day of the unbroken observation, the same
    as ``entry`` unless cut by county.

    Raises
    ------
    SourceError
        Residence is not delivered, or its county when asked for.
    """
    if "residence" not in registers:
        raise SourceError(
            "the registers hold no table 'residence', so nobody is known to be under observation",
            remedy="map it in sources.toml",
        )
    if by_county and not registers.has("residence", "county"):
        raise SourceError(
            "the county of residence is not delivered", where="residence.county", remedy="do not match on county"
        )
    kept = OBSERVATION in registers and not by_county
    spells = registers[OBSERVATION] if kept else registers["residence"]
    if during is not None:
        entry, leaving = (spells["entry"], spells["exit"]) if kept else (spells["start"], spells["stop"])
        spells = spells.filter(entry < during.stop, leaving > during.start)
    if persons is not None:
        spells = spells.semi_join(persons, "person_id")
    if not kept:
        person, death = registers["person"], registers.tables.get("death")
        spells = clipped(_cut(spells), person, death) if by_county else observe(spells, person, death)
    county = ["county"] if by_county else []
    return spells.select("person_id", "entry", "exit", *county, since=spells["since" if by_county else "entry"])


def describe_at(registers: Registers, anchors: ir.Table, *, by_county: bool = False) -> ir.Table:
    """Say of each person on a date whether they are under observation, since when, and who they are.

    Parameters
    ----------
    anchors
        ``person_id, index_date`` and any other columns, no person twice on one date.
    by_county
        True adds the county on that date.

    Returns
    -------
    The anchors, every row once, with ``sex, birth_date, country_of_birth`` (null for a person whom the registers do not
    know), ``observed`` and ``since`` (null when not under observation), and ``county`` when asked for.
    """
    key = ["person_id", "index_date"]
    person = registers["person"].select("person_id", "sex", "birth_date", "country_of_birth")
    live = _covering(anchors, find_observation(registers, persons=anchors))
    rows = anchors.left_join(person, "person_id").drop("person_id_right")
    rows = rows.left_join(live.select(*key, "since"), key).drop("person_id_right", "index_date_right")
    rows = rows.mutate(observed=rows["since"].notnull())
    if by_county:
        homes = _covering(anchors, find_observation(registers, by_county=True, persons=anchors))
        rows = rows.left_join(homes.select(*key, "county"), key).drop("person_id_right", "index_date_right")
    return rows


def _covering(anchors: ir.Table, spells: ir.Table) -> ir.Table:
    """The spells that cover the anchor's date."""
    met = anchors.select("person_id", "index_date").inner_join(spells, "person_id")
    return met.filter((met["entry"] <= met["index_date"]) & (met["index_date"] < met["exit"]))


def _cut(spells: ir.Table) -> ir.Table:
    """The pieces of each person between which the county changes or residence is broken.

    Returns
    -------
    ``person_id, entry, exit, since, county``
    """
    spells = spells.filter(spells["start"] < spells["stop"]).select("person_id", "start", "stop", "county")
    window = {"group_by": "person_id", "order_by": ["start", "stop", "county"]}
    reach = spells["stop"].max().over(rows=(None, -1), **window)
    broken = (reach.isnull() | (spells["start"] > reach)).ifelse(1, 0).cast("int64")
    reached = ibis.greatest(spells["stop"], ibis.coalesce(reach, spells["stop"]))
    following = spells["start"].lead().over(**window)
    moved = (~spells["county"].identical_to(spells["county"].lag().over(**window))).ifelse(1, 0).cast("int64")
    marked = spells.mutate(
        broken=broken,
        cut=ibis.greatest(broken, moved),
        stop=ibis.least(reached, ibis.coalesce(following, reached)),
    )
    marked = marked.mutate(
        block=marked["broken"].sum().over(rows=(None, 0), **window),
        piece=marked["cut"].sum().over(rows=(None, 0), **window),
    )
    marked = marked.mutate(since=marked["start"].min().over(group_by=["person_id", "block"]))
    ends = marked.group_by(["person_id", "piece"]).agg(
        entry=marked["start"].min(),
        exit=marked["stop"].max(),
        since=marked["since"].min(),
        county=marked["county"].min(),
    )
    return ends.filter(ends["entry"] < ends["exit"]).select("person_id", "entry", "exit", "since", "county")
