"""The published formats of keys and tokens, and the words beside which other secrets stand.

Written after what each vendor documents about its keys: a fixed beginning and an alphabet.
"""

import math
import re
from collections.abc import Iterator

# One line a vendor: the beginning, then how many characters of which alphabet. No group may capture.
_FORMATS = r"""
(?:AKIA|ASIA|ABIA|ACCA|A3T[A-Z0-9])[A-Z0-9]{16}
ABSK[A-Za-z0-9+/]{90,300}={0,2}
gh[pousr]_[A-Za-z0-9]{30,255}
github_pat_[A-Za-z0-9_]{40,255}
gl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|oas|soat|ffct)-[A-Za-z0-9_.=-]{16,64}
GR1348941[A-Za-z0-9_-]{20}
xox[abeoprs](?:\.xox[bp])?-[A-Za-z0-9-]{10,250}
xapp-\d-[A-Z0-9]+-\d+-[A-Za-z0-9]+
hooks\.slack\.com/(?:services|workflows|triggers)/[A-Za-z0-9+/]{20,80}
(?:[srp]k|whsec)_(?:live|test|prod)_[A-Za-z0-9]{10,120}
whsec_[A-Za-z0-9+/=]{24,80}
sk-ant-[A-Za-z0-9_-]{20,140}
sk-(?:proj-|svcacct-|admin-|or-v1-)?[A-Za-z0-9_-]{20,200}
AIza[A-Za-z0-9_-]{35}
GOCSPX-[A-Za-z0-9_-]{28}
ya29\.[A-Za-z0-9_-]{20,300}
\d{6,20}-[a-z0-9]{32}\.apps\.googleusercontent\.com
1//0[A-Za-z0-9_-]{40,120}
(?:AC|SK|AP)[0-9a-fA-F]{32}
SG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{16,64}
key-[0-9a-f]{32}
[0-9a-f]{32}-us\d{1,2}
npm_[A-Za-z0-9]{36}
pypi-Ag[A-Za-z0-9_-]{50,1000}
do[opr]_v1_[a-f0-9]{64}
hf_[A-Za-z]{34}
api_org_[A-Za-z]{34}
shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}
sq0(?:atp|csp|idp)-[A-Za-z0-9_-]{22,60}
EAAA[A-Za-z0-9_-]{22,60}
EAA[MC][A-Za-z0-9]{80,300}
\d{8,10}:AA[A-Za-z0-9_-]{32,36}
[MNO][A-Za-z\d_-]{23,27}\.[A-Za-z\d_-]{6}\.[A-Za-z\d_-]{27,40}
dapi[a-f0-9]{32}(?:-\d)?
dp\.(?:pt|st|ct|sa|scim|audit)\.[A-Za-z0-9]{40,48}
sl\.[A-Za-z0-9_=-]{100,200}
glsa_[A-Za-z0-9]{32}_[A-Fa-f0-9]{8}
glc_[A-Za-z0-9+/]{32,400}={0,3}
hv[sbr]\.[A-Za-z0-9_-]{24,300}
[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{60,70}
lin_(?:api|oauth)_[A-Za-z0-9]{32,64}
NR(?:AK|AA|JS|II|IQ|RA|SP|BR)-[A-Za-z0-9-]{19,42}
ntn_[A-Za-z0-9]{40,60}
secret_[A-Za-z0-9]{43}
pul-[a-f0-9]{40}
pscale_(?:tkn|pw|oauth)_[A-Za-z0-9_=.-]{32,64}
PMAK-[a-f0-9]{24}-[a-f0-9]{34}
rubygems_[a-f0-9]{48}
sntry[su]_[A-Za-z0-9+/=_-]{40,300}
sbp_[a-f0-9]{40}
AGE-SECRET-KEY-1[A-Z0-9]{58}
p8e-[a-z0-9]{32}
pat[A-Za-z0-9]{14}\.[a-f0-9]{64}
LTAI[A-Za-z0-9]{17,21}
AT(?:ATT3|CTT3|BB)[A-Za-z0-9_=-]{20,250}
AKCp[A-Za-z0-9]{60,80}
cmVmdGtu[A-Za-z0-9]{50,60}
v1\.0-[a-f0-9]{24}-[a-f0-9]{146}
CLOJARS_[a-z0-9]{60}
CFPAT-[A-Za-z0-9_-]{43}
duffel_(?:test|live)_[A-Za-z0-9_=-]{43}
dt0[a-z]\d\d\.[A-Z0-9]{24}\.[A-Z0-9]{64}
EZ[AT]K[A-Za-z0-9]{54}
FLW(?:SEC|PUB)K[_-](?:TEST-)?[A-Za-z0-9]{12,40}(?:-X)?
fio-u-[A-Za-z0-9_=-]{64}
pat-(?:na|eu)1-[0-9a-f-]{36}
ico-[A-Za-z0-9]{32}
(?:live|test)_(?:pub_)?[a-f0-9]{31,35}
[ps]k\.eyJ[A-Za-z0-9_-]{30,120}\.[A-Za-z0-9_-]{20,40}
sha256~[A-Za-z0-9_-]{43}
pplx-[A-Za-z0-9]{40,60}
pnu_[A-Za-z0-9]{36}
rdme_[a-z0-9]{70}
r8_[A-Za-z0-9]{37,40}
gsk_[A-Za-z0-9]{40,60}
xai-[A-Za-z0-9]{60,100}
xkeysib-[a-f0-9]{64}-[A-Za-z0-9]{16}
shippo_(?:live|test)_[a-fA-F0-9]{40}
sgp_(?:[a-f0-9]{16}_|local_)?[a-f0-9]{40}
tfp_[A-Za-z0-9_.=-]{40,70}
t1\.[A-Z0-9a-z_-]+={0,2}\.[A-Z0-9a-z_-]{86}={0,2}
AQVN[A-Za-z0-9_-]{35,38}
sm_(?:aat|pat|sat)_[A-Za-z0-9]{16,40}
ops_eyJ[A-Za-z0-9+/]{100,900}={0,3}
A3-[A-Z0-9]{6}-(?:[A-Z0-9]{5}-?){5,7}
tk-us-[A-Za-z0-9_-]{40,60}
fm[12]?[ao]?_[A-Za-z0-9+/=,_-]{60,300}
fo1_[A-Za-z0-9_-]{43}
oy2[a-z0-9]{43}
thor_[A-Za-z0-9]{30,60}
ey[A-Za-z0-9_-]{16,2000}\.ey[A-Za-z0-9_/\\-]{16,4000}(?:\.[A-Za-z0-9_/\\-]{8,2000}=*)?
AccountKey=[A-Za-z0-9+/=]{60,100}
[A-Za-z0-9_~.]{3}\dQ~[A-Za-z0-9_~.-]{31,34}
"""
TOKEN = re.compile(r"(?<![A-Za-z0-9])(?:" + "|".join(f"(?:{line})" for line in _FORMATS.split("\n") if line) + ")")
PRIVATE_KEY = re.compile(
    r"-----BEGIN[ A-Z0-9_-]{0,60}PRIVATE KEY[ A-Z]{0,10}-----.*?(?:-----END[ A-Z0-9_-]{0,60}-----|\Z)", re.DOTALL
)
# The password of an address: postgresql://user:password@host.
IN_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,20}://[^\s:/@'\"]{0,80}:([^\s/@'\"]{2,200})@")
IN_HEADER = re.compile(r"(?i)\b(?:bearer|basic|token)\s+([A-Za-z0-9+/=_.~-]{16,2000})")
IN_COMMAND = re.compile(r"(?:\s-u|--user)[= ]\s*[\"']?[\w.@-]{1,80}:([^\s'\"]{4,200})")
IN_QUERY = re.compile(
    r"(?i)[?&](?:sig|signature|api[_-]?key|key|token|access_token|auth|password)=([^&\s'\"<>]{8,500})"
)

_STRONG_WORDS = r"passw(?:or)?d|passwd|passphrase|pwd|contrase(?:ñ|n)a|secret|secreto|credentials?|private[_-]?key"
_WEAK_WORDS = (
    r"api[_.-]?key|access[_.-]?key|auth|token|key|clave|client[_.-]?id|webhook|dsn|conn(?:ection)?[_.-]?str(?:ing)?"
)
# Beside these words whatever stands in quotes is a secret, beside the others only what looks like one.
QUOTED_SECRET = re.compile(
    rf"(?i)(?:{_STRONG_WORDS})\w{{0,30}}[\"']?\]?\s{{0,4}}(?::\s{{0,4}}\w{{1,20}}\s{{0,4}})?(?:==?|:|=>|:=)\s{{0,4}}[rbuf]?([\"'`])(?P<value>[^\"'`\n]{{4,400}})\1"
)
QUOTED_KEY = re.compile(
    rf"(?i)(?:{_WEAK_WORDS})\w{{0,30}}[\"']?\]?\s{{0,4}}(?::\s{{0,4}}\w{{1,20}}\s{{0,4}})?(?:=|:|=>|:=|,)\s{{0,4}}[rbuf]?([\"'`])(?P<value>[^\"'`\s]{{8,400}})\1"
)
BARE = re.compile(
    rf"(?i)(?:{_STRONG_WORDS}|{_WEAK_WORDS})\w{{0,30}}\s{{0,4}}(?:=|:|=>|->|\bis\b|\bes\b)\s{{0,4}}(?P<value>[^\s\"'`,;()\[\]{{}}<>]{{8,400}})"
)
LONG_QUOTED = re.compile(r"[\"'`](?P<value>[A-Za-z0-9+/=_.~-]{24,400})[\"'`]")
E_MAIL = re.compile(r"[A-Za-z0-9_.+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,5}\.[A-Za-z]{2,24}\b")
HOME = re.compile(r"(?:/home/|/Users/|/root\b|[A-Za-z]:\\{1,2}Users\\{1,2})[^\s/\\\"':,)]{0,64}")

# Names of files whose whole content is secret.
PRIVATE_FILES = re.compile(
    r"(?i)^(?:\.env.*|.*\.env|\.netrc|_netrc|\.pgpass|\.npmrc|\.pypirc|\.git-credentials|\.htpasswd|id_(?:rsa|dsa|ecdsa|ed25519).*"
    r"|credentials.*|secrets?\..*|.*\.(?:pem|key|p12|pfx|jks|keystore|kdbx|tfvars|ppk|asc))$"
)


def spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield where secrets, e-mail addresses and home folders stand."""
    for pattern in (PRIVATE_KEY, TOKEN, E_MAIL, HOME):
        yield from (match.span() for match in pattern.finditer(text))
    for pattern in (IN_ADDRESS, IN_HEADER, IN_COMMAND, IN_QUERY):
        yield from (match.span(1) for match in pattern.finditer(text))
    yield from (match.span("value") for match in QUOTED_SECRET.finditer(text) if not _is_wording(match["value"]))
    for pattern in (QUOTED_KEY, BARE):
        yield from (match.span("value") for match in pattern.finditer(text) if looks_random(match["value"]))
    yield from (match.span("value") for match in LONG_QUOTED.finditer(text) if looks_random(match["value"], 3.5))


def looks_random(value: str, least_bits: float = 2.5) -> bool:
    """Tell whether a value has letters and digits and too little order for a name."""
    has_both = any(sign.isdigit() for sign in value) and any(sign.isalpha() for sign in value)
    return has_both and entropy(value) >= least_bits


def entropy(value: str) -> float:
    """Return the bits a character of a value carries, by its own frequencies (Shannon)."""
    counts = {sign: value.count(sign) for sign in set(value)}
    return -sum(count / len(value) * math.log2(count / len(value)) for count in counts.values())


def _is_wording(value: str) -> bool:
    """Tell whether a quoted value is a sentence or a prompt, such as "Your password: "."""
    return value.endswith((" ", ":", "?", ": ")) or value.count(" ") > 1
