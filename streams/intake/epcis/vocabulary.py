"""The words of the Core Business Vocabulary (GS1 CBV 2.0): in short, as URN and as URI of the web vocabulary.

What is no word of the vocabulary must be a URI of the partner's own. A word in any spelling is read as the short one.
"""

from functools import lru_cache
from typing import ClassVar, Self

from streams.intake.refusal import quoted
from streams.intake.uri import is_uri

_WEB = (
    "https://ref.gs1.org/cbv/",
    "http://ref.gs1.org/cbv/",
    "https://ns.gs1.org/cbv/",
    "http://ns.gs1.org/cbv/",
    "cbv:",
)
_VOC = ("gs1:", "https://gs1.org/voc/", "http://gs1.org/voc/", "https://www.gs1.org/voc/", "http://www.gs1.org/voc/",
        "https://ref.gs1.org/voc/")  # fmt: skip
_RESERVED = ("urn:epcglobal:cbv:", "https://ns.gs1.org/cbv/", "http://ns.gs1.org/cbv/")
"""What begins like this is GS1's to say: a word that is not in the vocabulary is no partner's own."""


class Term(str):
    """A word of one list of the vocabulary, or a URI. `prefixes`: what may stand in front of a word."""

    __slots__ = ()
    name: ClassVar[str]
    words: ClassVar[frozenset[str]]
    prefixes: ClassVar[tuple[str, ...]]

    @classmethod
    def read(cls, text: str) -> Self:
        """The word in short, or the URI. Raises `ValueError` for what is neither."""
        return cls(_remembered(cls, text) if len(text) <= _USUAL_LENGTH else _short(cls, text))


def _short(kind: type[Term], text: str) -> str:
    if text in kind.words:
        return text
    for prefix in kind.prefixes:
        if text.startswith(prefix) and text[len(prefix) :] in kind.words:
            return text[len(prefix) :]
    if text.startswith(_RESERVED) or not is_uri(text):
        raise ValueError(f"{quoted(text)} is no {kind.name} of CBV 2.0, and no URI of a partner's own")
    return text


_USUAL_LENGTH = 300
_remembered = lru_cache(maxsize=4096)(_short)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _cbv(urn: str, web: str) -> tuple[str, ...]:
    return (f"urn:epcglobal:cbv:{urn}:", *(f"{base}{web}-" for base in _WEB))


class BizStep(Term):
    """What was being done."""

    __slots__ = ()
    name = "business step"
    prefixes = _cbv("bizstep", "BizStep")
    words = _words("""
        accepting arriving assembling collecting commissioning consigning creating_class_instance cycle_counting
        decommissioning departing destroying disassembling dispensing encoding entering_exiting holding inspecting
        installing killing loading other packing picking receiving removing repackaging repairing replacing reserving
        retail_selling sampling sensor_reporting shipping staging_outbound stock_taking stocking storing transporting
        unloading unpacking void_shipping
    """)


class Disp(Term):
    """How things stand with the objects afterwards."""

    __slots__ = ()
    name = "disposition"
    prefixes = _cbv("disp", "Disp")
    words = _words("""
        active available completeness_inferred completeness_verified conformant container_closed container_open damaged
        destroyed dispensed disposed encoded expired in_progress in_transit inactive mismatch_class mismatch_instance
        mismatch_quantity needs_replacement no_pedigree_match non_conformant non_sellable_other partially_dispensed
        recalled reserved retail_sold returned sellable_accessible sellable_not_accessible stolen unavailable unknown
    """)


class TransactionType(Term):
    """What sort of paper a business transaction is."""

    __slots__ = ()
    name = "type of business transaction"
    prefixes = _cbv("btt", "BTT")
    words = _words("bol cert desadv inv pedigree po poc prodorder recadv rma testprd testres upevt")


class PartyType(Term):
    """What a source or a destination is."""

    __slots__ = ()
    name = "type of source or destination"
    prefixes = _cbv("sdt", "SDT")
    words = frozenset({"owning_party", "possessing_party", "location"})


class ErrorReason(Term):
    """Why an event is declared to be wrong."""

    __slots__ = ()
    name = "reason of an error"
    prefixes = _cbv("er", "ER")
    words = frozenset({"did_not_occur", "incorrect_data"})


class Component(Term):
    """Along what a sensor measures."""

    __slots__ = ()
    name = "component"
    prefixes = _cbv("comp", "Comp")
    words = _words("""
        x y z axial_distance azimuth height spherical_radius polar_angle elevation_angle easting northing latitude
        longitude altitude
    """)


class Alert(Term):
    """What a sensor warns of."""

    __slots__ = ()
    name = "alert of a sensor"
    prefixes = _VOC
    words = frozenset({"ALARM_CONDITION", "ERROR_CONDITION"})


class Measurement(Term):
    """What a sensor measures."""

    __slots__ = ()
    name = "type of measurement"
    prefixes = _VOC
    words = _words("""
        AbsoluteHumidity AbsorbedDose AbsorbedDoseRate Acceleration Altitude AmountOfSubstance
        AmountOfSubstancePerUnitVolume Angle AngularAcceleration AngularMomentum AngularVelocity Area Capacitance
        Conductance Conductivity Count Density Dimensionless DoseEquivalent DoseEquivalentRate DynamicViscosity
        ElectricCharge ElectricCurrent ElectricCurrentDensity ElectricFieldStrength Energy Exposure Force Frequency
        Illuminance Inductance Irradiance KinematicViscosity Length LinearMomentum Luminance LuminousFlux
        LuminousIntensity MagneticFlux MagneticFluxDensity MagneticVectorPotential Mass MassConcentration MassFlowRate
        MassPerAreaTime MemoryCapacity MolalityOfSolute MolarEnergy MolarMass MolarVolume Power Pressure RadiantFlux
        RadiantIntensity Radioactivity RelativeHumidity Resistance Resistivity SolidAngle SpecificVolume Speed
        SurfaceDensity SurfaceTension Temperature Time Torque Voltage Volume VolumeFlowRate VolumeFraction
        VolumetricFlux Wavenumber
    """)
