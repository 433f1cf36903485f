"""Papers of one shipment in three tongues: 60 kg of API-1 in two lots on two pallets, ordered by PO-1, two days on the road."""

from collections.abc import Sequence

from streams.intake.draft import Codes
from streams.intake.edifact import EdifactFeed
from streams.intake.ubl import UblFeed
from streams.intake.x12 import X12Feed

NO_CODES = Codes({}, {})
CODES = Codes({"materials": {"04012345111118": "API-1"}, "sites": {"4012345000023": "BSL", "4012345000016": ""}}, {})
EDIFACT = EdifactFeed(source="/acme/edi", zone="Europe/Zurich")
X12 = X12Feed(source="/acme/x12", zone="America/New_York")
UBL = UblFeed(source="/acme/ubl", zone="Europe/Zurich")
PALLETS = ["340123450000000016", "340123450000000023"]

DESADV = """
BGM+351:::DESADV+S-1+9'DTM+137:202601050930:203'DTM+11:20260105:102'DTM+17:202601071400:203'
RFF+ON:PO-1'RFF+BM:CMR-77'NAD+SU+4012345000016::9'NAD+DP+4012345000023::9++Acme?'s plant'TOD+6++FCA'
TDT+20++30++:::Road AG'CPS+1'PAC+2++201::9'PCI+33E'GIN+BJ+340123450000000016+340123450000000023'
LIN+1++04012345111118:SRV'PIA+1+API-7:IN'IMD+F++:::Active, dry'QTY+12:60:KGM'
PCI+36E'DTM+361:20280131:102'QTY+12:40:KGM'GIN+BX+L-1'
PCI+36E'DTM+361:20280229:102'QTY+12:20,5:KGM'GIN+BX+L-2'
"""


def edifact(body: str, kind: str = "DESADV:D:01B:UN:EAN007", *, una: str = "UNA:+.? '", header: str = "") -> bytes:
    """An interchange with one message."""
    return interchange([(kind, body)], una=una, header=header)


def interchange(messages: Sequence[tuple[str, str]], *, una: str = "UNA:+.? '", header: str = "") -> bytes:
    """An interchange of messages: kinds and bodies."""
    text = f"{una}\nUNB+UNOC:3+4012345000016:14+4012345000030:14+260105:0931+42{header}'\n"
    for number, (kind, body) in enumerate(messages, start=1):
        lines = body.replace("\n", "")
        text += (
            f"UNH+M{number}+{kind}'{lines}UNT+{lines.replace(chr(63) + chr(39), '').count(chr(39)) + 2}+M{number}'\n"
        )
    return f"{text}UNZ+{len(messages)}+42'\n".encode("iso8859-1")


IFTSTA = """
BGM+77+R-9+9'DTM+137:202601061200:203'NAD+CZ+4012345000016::9'NAD+CN+4012345000023::9'
CNI+1+C-1'RFF+AAK:S-1'
STS+1+24'DTM+78:202601051000:203'LOC+5+CHBSL::6:Basel'
STS+1+31'DTM+78:202601061130:203'DTM+132:202601081000:203'LOC+14+::6:Como'
"""

SHIP_NOTICE = """
BSN*00*S-1*20260105*0330*0001~DTM*011*20260105*0300*ET~DTM*017*20260107*1400*UT~
HL*1**S~TD5*B*2*ROAD*M~REF*CN*PRO-77~N1*SF*Acme*UL*4012345000016~N1*ST*Plant*UL*4012345000023~
HL*2*1*O~PRF*PO-1~
HL*3*2*T~MAN*GM*00340123450000000016~HL*4*3*I~LIN*1*UK*04012345111118*LT*L-1~SN1*1*40*KG~DTM*036*20280131~
HL*5*2*T~MAN*GM*340123450000000023~HL*6*5*I~LIN*2*UK*04012345111118~SN1*2*20.5*KG~REF*LT*L-2~DTM*036*20280229~
CTT*6~
"""

CARRIER_STATUS = """
B10*PRO-77*S-1*ROAD~L11*PO-1*PO~N1*ST*Plant*UL*4012345000023~LX*1~
AT7*AF*NS***20260105*0310*ET~MS1*NEWARK*NJ*US~
AT7*X6*NS***20260106*1200*UT~MS1*ALBANY*NY*US~
AT7*AG*BB***20260108*1000*UT~
"""


def x12(*sets: tuple[str, str], usage: str = "P") -> bytes:
    """An interchange with one group of transaction sets: numbers (856, 214) and bodies."""
    ids = f"{'14':2}*{'4012345000016':15}*{'14':2}*{'4012345000030':15}"
    text = f"ISA*00*{'':10}*00*{'':10}*{ids}*260105*0931*U*00401*000000042*0*{usage}*>~\n"
    text += "GS*SH*A*B*20260106*1300*7*X*004010~\n"
    for number, (kind, body) in enumerate(sets, start=1):
        lines = body.replace("\n", "")
        text += f"ST*{kind}*{number:04}~{lines}SE*{lines.count('~') + 2}*{number:04}~\n"
    return f"{text}GE*{len(sets)}*7~\nIEA*1*000000042~\n".encode()


NAMESPACES = (
    'xmlns="urn:oasis:names:specification:ubl:schema:xsd:DespatchAdvice-2" '
    'xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2" '
    'xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"'
)

DESPATCH_ADVICE = f"""<?xml version="1.0" encoding="UTF-8"?>
<DespatchAdvice {NAMESPACES}>
  <cbc:UBLVersionID>2.1</cbc:UBLVersionID>
  <cbc:ID>S-1</cbc:ID>
  <cbc:UUID>88c7280e-8f10-419f-9949-8efffa2842b8</cbc:UUID>
  <cbc:IssueDate>2026-01-05</cbc:IssueDate><cbc:IssueTime>09:30:00+01:00</cbc:IssueTime>
  <cac:OrderReference><cbc:ID>PO-1</cbc:ID></cac:OrderReference>
  <cac:DespatchSupplierParty><cac:Party>
    <cac:PartyIdentification><cbc:ID schemeID="0088">4012345000016</cbc:ID></cac:PartyIdentification>
  </cac:Party></cac:DespatchSupplierParty>
  <cac:DeliveryCustomerParty><cac:Party>
    <cac:PartyIdentification><cbc:ID schemeID="0088">4012345000023</cbc:ID></cac:PartyIdentification>
  </cac:Party></cac:DeliveryCustomerParty>
  <cac:Shipment>
    <cbc:ID>1</cbc:ID>
    <cac:Consignment><cbc:ID>CMR-77</cbc:ID></cac:Consignment>
    <cac:ShipmentStage>
      <cbc:TransportModeCode>3</cbc:TransportModeCode>
      <cac:CarrierParty><cac:PartyName><cbc:Name>Road AG</cbc:Name></cac:PartyName></cac:CarrierParty>
    </cac:ShipmentStage>
    <cac:Delivery>
      <cac:EstimatedDeliveryPeriod>
        <cbc:EndDate>2026-01-07</cbc:EndDate><cbc:EndTime>14:00:00</cbc:EndTime>
      </cac:EstimatedDeliveryPeriod>
      <cac:Despatch>
        <cbc:ActualDespatchDate>2026-01-05</cbc:ActualDespatchDate><cbc:ActualDespatchTime>09:00:00</cbc:ActualDespatchTime>
      </cac:Despatch>
    </cac:Delivery>
    <cac:TransportHandlingUnit><cbc:ID schemeID="SSCC">340123450000000016</cbc:ID></cac:TransportHandlingUnit>
    <cac:TransportHandlingUnit><cbc:ID>340123450000000023</cbc:ID></cac:TransportHandlingUnit>
  </cac:Shipment>
  <cac:DespatchLine>
    <cbc:ID>1</cbc:ID><cbc:DeliveredQuantity unitCode="KGM">40</cbc:DeliveredQuantity>
    <cac:Item>
      <cac:StandardItemIdentification><cbc:ID>04012345111118</cbc:ID></cac:StandardItemIdentification>
      <cac:ItemInstance><cac:LotIdentification>
        <cbc:LotNumberID>L-1</cbc:LotNumberID><cbc:ExpiryDate>2028-01-31</cbc:ExpiryDate>
      </cac:LotIdentification></cac:ItemInstance>
    </cac:Item>
  </cac:DespatchLine>
  <cac:DespatchLine>
    <cbc:ID>2</cbc:ID><cbc:DeliveredQuantity unitCode="KGM">20.5</cbc:DeliveredQuantity>
    <cac:Item>
      <cac:StandardItemIdentification><cbc:ID>04012345111118</cbc:ID></cac:StandardItemIdentification>
      <cac:ItemInstance><cac:LotIdentification>
        <cbc:LotNumberID>L-2</cbc:LotNumberID><cbc:ExpiryDate>2028-02-29</cbc:ExpiryDate>
      </cac:LotIdentification></cac:ItemInstance>
    </cac:Item>
  </cac:DespatchLine>
</DespatchAdvice>
""".encode()
