"""Names that mean the same in every program of a language: keywords and built-in functions."""

from functools import cache

from milepost.syntax import grammars

_PYTHON = """
False None True and as assert async await break case class continue def del elif else except finally for from global
if import in is lambda match nonlocal not or pass raise return try while with yield abs all any bin bool bytearray
bytes callable chr classmethod complex dict dir divmod enumerate eval exec filter float format frozenset getattr
globals hasattr hash hex id input int isinstance issubclass iter len list locals map max min next object oct open ord
pow print property range repr reversed round set setattr slice sorted staticmethod str sum super tuple type vars zip
self cls append add clear copy count extend get index insert items join keys lower pop popitem remove replace reverse
setdefault sort split strip update upper values startswith endswith find format isdigit isalpha Exception ValueError
TypeError KeyError IndexError ZeroDivisionError AttributeError StopIteration RuntimeError __init__ __str__ __repr__
__eq__ __len__ __iter__ __name__
"""
_JAVASCRIPT = """
async await break case catch class const continue debugger default delete do else export extends false finally for
function get if import in instanceof let new null of return set static super switch this throw true try typeof
undefined var void while with yield as enum implements interface private protected public readonly type abstract
number string boolean any unknown never console log Math Array Object String Number Boolean JSON Map Set Promise
length push pop shift unshift slice splice map filter reduce forEach join split indexOf includes sort reverse floor
ceil abs min max round constructor
"""
_JAVA = """
abstract assert boolean break byte case catch char class const continue default do double else enum extends false
final finally float for if implements import instanceof int interface long native new null package private protected
public record return short static super switch synchronized this throw throws transient true try var void volatile
while yield String Integer Double Boolean Long Character Object List ArrayList Map HashMap Set HashSet Math System out
println print length size get put add remove contains equals toString charAt
"""
_GO = """
break case chan const continue default defer else fallthrough for func go goto if import interface map package range
return select struct switch type var true false nil iota int int64 float64 string bool byte rune error any append cap
copy delete len make new panic print println recover fmt Println Printf Sprintf strings strconv sort math errors
"""
_RUST = """
as async await break const continue crate dyn else enum extern false fn for if impl in let loop match mod move mut pub
ref return self Self static struct super trait true type unsafe use where while i8 i16 i32 i64 u8 u16 u32 u64 usize
isize f32 f64 bool char str String Vec Option Some None Result Ok Err Box HashMap println vec iter map filter collect
len push new unwrap clone into_iter sum
"""
_C = """
auto break case char const continue default do double else enum extern float for goto if inline int long register
return short signed sizeof static struct switch typedef union unsigned void volatile while bool true false NULL
include define printf scanf malloc free strlen strcmp size_t main stdio stdlib string
"""
_CPP = (
    _C
    + """
class public private protected virtual override template typename namespace using new delete this try catch throw
operator friend constexpr nullptr auto explicit std vector map set cout cin endl push_back size begin end sort pair
first second
"""
)
_NAMES = {
    "python": _PYTHON,
    "javascript": _JAVASCRIPT,
    "typescript": _JAVASCRIPT,
    "java": _JAVA,
    "go": _GO,
    "rust": _RUST,
    "c": _C,
    "cpp": _CPP,
}


@cache
def known_names(language: str) -> frozenset[str]:
    """Return the keywords, built-in functions and everyday methods of a language."""
    return frozenset(_NAMES[grammars.grammar(language).family].split())
