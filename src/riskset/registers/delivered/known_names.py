"""Names of columns that are nobody's: our own, and those of Nordic registers.

Left out are those that a person may have as a name, too (dag, lan, till, main), or may hold in a
cell (kvinna, icd10, registry).
"""

from __future__ import annotations

from riskset.registers.schema import TABLES

_NO_NAMES = {"case", "kind", "main", "registry"}
_TEXT = (
    "aar age ald_man alder alder_ar amount antal antal_ddd antal_packningar apk ar arbetsloshet astnr atc_kod "
    "atc_kode atckode belopp beskrivning birth birthdate bostadskommun civil civilstand civst cpr cpr_nr cprnr "
    "dato dato_inn dato_ut datum ddd_sum dia_ans diagdat diagdatum diagnos diagnose diagnoskod dispdate dispdatum "
    "dispensing_date dispink doddag doddat doddatum dodsdag dodsdat dodsdato dodsdatum dodsorsak dos dosering "
    "edatum ekod eksd ekspdato enhed enhet examdate fab familjeid far_id fnr fodaar fodar foddag foddat foddato "
    "foddatum fodelse fodelsear fodelsedag fodelsedato fodelsedatum fodelseland fodelseman fodelsemanad fodland "
    "fodsel fodselsaar fodselsar fodselsdato fodt forpddd forpstl forskrdatum frstkv gtot hdia hoveddiagnose "
    "hushallsid icdkode id identifier in_date indatum inddato inflyttad inkomst innvdato kjonn kod kode "
    "koen kommun kommune komnr kon koncivil lakemedel landkod lanskod lnr loepenr lokalid lopenr "
    "lopnr lopnr_fall lopnr_far lopnr_kontroll lopnr_mor lopnr_partner matdatum mor_id mva npkopnr nr opd "
    "ordination orsak packsize pakninger pat_id patient_id patientid persnr personnr personnummer pnr pris psd "
    "pseudonym recnum registerdato reseptdato rownum sjukhus skrivare slut sluttdato ssn start_date startdato "
    "stop_date strnum styrka svar tabelldato tilstand typ uddato ulorsak uppgift utbildning utdatum utddato "
    "utflyttad utskrdatum utskrivning varde vardtid varunamn varunr vnr volume volumen yrke "
)

KNOWN = frozenset(
    {column.name for table in TABLES.values() for column in table.columns} - _NO_NAMES | set(_TEXT.split())
)
"""In lower case."""
