"""Objects that an earlier ithtel pickled can be loaded for one more release."""

from __future__ import annotations

import base64
import importlib
import pickle
import warnings
import zlib

import pytest

import ithtel
from ithtel.ith.nav import Nav

# made by the last commit before the rooms were rearranged: pickle.dumps(…, 4) of
#   nav = pd.Series([1, 1.06, 1.0, 1.12], index=pd.date_range("2024-01-01", periods=4), name="fund")
#   ithtel.analyze(nav, side="both", hurdle=0.05)
#   ithtel.EpochDetector("bull", hurdle=0.05), after 1, 1.06, 1.0
ANALYSIS = (
    "c-rk&Uu+!38Q(jf&o((b0n-FRfr}!<1(M@pFs<53m&74fIpx~KfP|E2G<!RDvzxu$&CYD>lNu$hY9|(h`oOeOc}7A=sE-"
    "J#4^8@9#8XuSFL~+<eFzVrv^<1wW@qo89dJ<9r>=eb&CY!D&G+~B&DFy1&pl}AN9=Ps<;1VH!fqD_4y%R<hcS_2`gnl-"
    "9&?#|OCI{QyeunXBEXlV*gL+3k=P|niisvHYv%L7yf;X?QLl<xVN9ys#OE%KW89OXgksVP1IFW|#erW;YECJp0w-"
    "m8OE#=^xs<czHF;K68o5ScUD7!*>F{1e)Ruhv$8z&}x;i0pKa<U7^X0qn=vTwy(%xJur#9ZMe^oj6yT5*UyPkdj>&%BwtbhJRT>_gZw3EP*;"
    "_(P<!K|v)bpwa25mt3DC*18S;~qi*Sw$z!#LpFjQlyw}lVWy!Nja<l0<aYGMmF+Yn^m=qu;YgaMZGnY1d-"
    "di;1kq5d0efWz^x0!QL<;vwroTHh~vgfFF#rQqR>=cp!-Dr^uQ$r`q-"
    "F5nw6z|!X&s7{<z#wrqfxvM>(24H0<W@BT4zXd|=N%W{Z|}_0Eyc6}|Ow<F2B|-"
    "gW2aik4#AQ0@*eWLFd19+QhwJT~GQ&NK<zZAQ4tsFP_n<Tf`zn?$_`h_Dmim(&ua71tqK)3m@~TGFN{k|=CZCh0*j1HQwjVs-X_4|O}S6i<v"
    "so|70PvMS^@?vNO?D4p=b)`ipQH*AO89?`nLM~dBpaN26qc46ED;R{z+c<ct9ERsf}85Ch;%4Ap6!-}yAXGk#zMZ-"
    "8~h_Vu?(6*RU^?=%8jIi%w<pNRiaoiz@Y4LI$Jl4oJtcC?8*@PW4Q4iTkyR8io({|!QVFsYpjNRiTlfCqaWuAhe(}rq^>PI8WmZnwh==#Z~$"
    "$8o2dL)V{Em!dVuGHF-S@}*G+vM_<JE`1_bVm!fC;?X_HoYh&Asbpmqk+n`YuXl_?PzQ2<{SA9oxJW4GHglSG*@%Rn7pCc_e5r-"
    "Dvmcm=)`xOn#)f8#Rwk#Y7CF+>Rbhi^9!|w7mn199;q$7Qmg$$|I4A-"
    "7Y4H=Rbrx17*oPdlZ6sWE7be;fU6+wG?uEWbY*RgCH)QkEnOc87QL>c^aiLm`CVR`(q7uXxfI<1+&%N*pX%ksn`_U0{eIor_SuTq8GZYY>Up"
    "nEGrkPbGYK^#-"
    "$Zh<Q5x2f>jw46c8G6d2EFeA4fYw5Ljq3@p*nqf2O%hpgn(vx6%94**V=FB!Ax&Me`@F{Lti!2F_am4#n3mm4e6U{XVxf)w1qZ~(}C`49CxE"
    "AWG;8Z0IAv}Yc0YU>R>l8LqBAU1Wp(;Fb%a72(`d%uIh{^z>XX9E+!qsDJ;>@ci@VEFh}~#RoKRn6XR7UTn+9kuU=|uw5Okd^B*{igU)bYg;"
    "f9tj$;nc0C3O42qLQn1O~aZPiRCbD6;_ER3C0@^aqUX5{`9aJ`Z;f%sF8EWd%NMA9wU{ANKull_4jI0D+XHKDG(q`*oJsqDYh2@rhinzo)bC"
    "Z84k9D8V#@yF{T@tt|o+ck$Z5`sMojUq8EcbFn67)O?%-Nd$dxK8#3!#yqv0<%^hVyF7qEzy-uyyMR>tlT)Y6D7$t+Ip&w^e}7d!gF)uu!Jw"
    "WEj#*<%;zR^#6FLk5MLlQ=WtWwMke55|B@&b?3yTY72fKc+OfDua?;S2b|Kg&VX~n&WhlixM8$eaeo=KoFwUrMc#rjHarmMS`VwbC<g0qCd1"
    "#xh9EHa8?Xce17`rgX)J@_~Ed?e;mrcAjDf$|)&z5O8D$e9k1xdL1t*jc}w8EgjP2N_#=K}o}Qc!`vcj>#(FPA4WEl?|;+!<t!r!T)UQM?5;"
    "rI<DU}_`xNnG*oL0@?dtj;M7DB?#OMoqw{@*HofVbIwDKCJ>xM_JD`ef4EZ-1V^_i0t^`D(cEXbwe3^(MBpq@c*-"
    "X?WN^PRQG)T7M9R>OH75bW)c%7cB?5NpTBS@F^mQf@+bUzJcN6j9#&_8T0-"
    "B+ttd)|RI{QVp2f8Ev{HBU=7Pj3YRbnkWsNcrjio74ZgIenFOBYLM{(SO75Kf~RJ-u2Yg(#xq=UcDyZby<3oDVYMII?8Bidov0f(-"
    "z|Gf^pL;>GeN%KlrTs!7Xog<ZDjJeXtKxkWtn)(6n{X=Q%b#Hsd|4MDFd2+#Etd?{OFoVc!h{#>;;(@Vo<5_6}$n*1hrg(LNs6GCA8~viH=e"
    "q^(H&^av97rP+k95@=<$GNennR{c>Qm%WPi_#yp%M#m`w$FVRS)+|TVLRGz<Q@SKxO-(0uVpqQbpCS4S"
)
DETECTOR = (
    "c-n1}&1w`u5XW~mJG<)_h=Sln5icXk;6=zm*h7?v19Q-8r0JRNr5k2?mi`FYgP@131{!im<&eCA;7gb%$|bqv5NoF0O%&@e)m7E=tABU(m%-"
    "s-zt@?6D6O!(O3S9MsbVH&-"
    "15@OMuETccGi^QO_yji9Kf@$@EH<6Fp_cbgThr6_@Uuiasz%%(QWV}BAjLw*6;m6qf0{$H{E>Ktv=3p8GxS<7*FL6XRtZ>an#yzp7R1hjUok"
    "Q;A2gtLEsI-mRkJ%Yw)Y=_;0a!t9C?6>I|(Q_e1heBXQRcHJ`ec9+Pma2g=p6c}mJg^R#xAl~ijw2Y;JrUN*{D?MjOceBABCBP$lR96;9Fg^"
    "j3yZ}0(<EXtx?5RZM#?0m-"
    "CU;1(#_P&SenvY&Xp6Bl`(YjC8vrz19jH57|9$<+2jinavPCOD%TE2L?qGzK8h{X4&*Qnyf|CsCN$=3eK+395ILx-"
    "imvX`%Z?L5EuxvF;>hV3M@0n|KJgtyNEgUBt~8nLoQc{oU%8(t$mgD%>foCe5h!Tl{#QDXxE0a!UZ+22ae7x<irb_#M=q`v`>Vgzm"
)


def loaded(text: str) -> object:
    with pytest.warns(DeprecationWarning, match="pickled by an earlier ithtel"):
        return pickle.loads(zlib.decompress(base64.b85decode(text)))  # noqa: S301 - our own


@pytest.fixture(autouse=True)
def _forget_modules() -> None:
    """Let each test import the older modules again, because a module warns only once."""
    import sys

    for name in ("outcome", "several", "series", "detection"):
        sys.modules.pop(f"ithtel.commands.{name}", None)


def test_an_old_analysis_loads() -> None:
    """It has its epochs, its series and its text."""
    analysis = loaded(ANALYSIS)
    assert isinstance(analysis, ithtel.Analysis)
    assert [1, 3] == list(analysis.bull.epochs["bar_index"])
    assert "fund" == analysis.nav.name
    assert "fund" in repr(analysis)


def test_an_old_series_becomes_one_of_today() -> None:
    """It is a checked `Nav`, can be drawn, and its new pickle loads without a warning."""
    analysis = loaded(ANALYSIS)
    assert isinstance(analysis, ithtel.Analysis)
    assert (Nav, True) == (type(analysis.nav), analysis.nav.is_positive)
    assert "fund · 4 bars" in repr(analysis.plot())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        again = pickle.loads(pickle.dumps(analysis))  # noqa: S301 - our own
    assert repr(analysis) == repr(again)


def test_an_old_detector_goes_on() -> None:
    """It finds the epoch that a detector which was never pickled finds."""
    detector = loaded(DETECTOR)
    assert isinstance(detector, ithtel.EpochDetector)
    assert detector.update(1.12) is not None


@pytest.mark.parametrize(
    ("module", "names"),
    [
        ("outcome", ["Analysis", "SideAnalysis"]),
        ("several", ["Analyses"]),
        ("series", ["Nav"]),
        ("detection", ["Epoch", "EpochDetector"]),
    ],
)
def test_an_old_module_has_its_classes(module: str, names: list[str]) -> None:
    """It has the classes that were there."""
    with pytest.warns(DeprecationWarning, match=module):
        found = importlib.import_module(f"ithtel.commands.{module}")
    assert names == sorted(found.__all__)
