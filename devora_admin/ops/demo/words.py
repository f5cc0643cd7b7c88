"""Names and things that demo customers and their projects are made of."""

from dataclasses import dataclass

FIRST_NAMES = (
    "Amara Ana Anders Aoife Aylin Bao Beatriz Camille Chiara Daniel Dmitri Elif Emeka Esra Eva "
    "Farah Finn Gabriel Grace Hana Hugo Ines Isabel Ivan Jakob Jamal Joana Jonas Kaito Karim "
    "Katarzyna Kenji Lars Leila Liam Linh Lucía Mads Malik Marta Mei Milan Nadia Naveen Noah "
    "Noor Olga Oskar Paolo Priya Rafael Rania Ravi Rosa Sakura Samuel Sara Seán Sofia Tariq "
    "Tomás Uma Viktor Wanjiru Xiomara Yara Yusuf Zoë"
).split()
LAST_NAMES = (
    "Abara Andersen Baker Bauer Bianchi Castillo Chen Costa Da-Silva Demir Diallo Dubois Eriksson "
    "Fernández Fischer García Gupta Haddad Hansen Hughes Ivanova Jensen Kaya Khan Kim Kowalski "
    "Kumar Laurent Lindqvist López Martin Mbeki Meyer Moreau Müller Nakamura Nguyen Novák O'Brien "
    "Okafor Okoye Oliveira Park Patel Petrov Quinn Rahman Reyes Rossi Santos Sato Schmidt Sharma "
    "Silva Singh Suzuki Svensson Tanaka Taylor Torres Tran Usman Van-Dijk Vargas Wagner Walsh "
    "Weber Wilson Wong Yamamoto Yılmaz Zhang"
).split()
MAIL_DOMAINS = (
    "example.com",
    "mail.example.org",
    "studio.example.net",
    "work.example.com",
    "labs.example.org",
)

BRANDS = (
    "Amber Atlas Aurora Beacon Birch Bright Cedar Cinder Clear Clover Cobalt Comet Coral Crisp "
    "Delta Drift Echo Ember Fable Fern Flint Forge Fresh Glide Golden Grove Harbor Hazel Hello "
    "Indigo Ivory Juniper Kind Kite Lantern Lark Little Lumen Maple Marble Meadow Mellow Mint "
    "Modern Moss Nimbus Noble North Nova Oak Olive Open Orbit Pebble Pine Pixel Plain Poppy "
    "Prime Quick Quiet Rapid River Rocket Rose Ruby Saffron Sage Silver Simple Solar Spark "
    "Spring Stone Summit Sunny Swift Tide Topaz True Urban Velvet Vivid Willow Wonder Zest"
).split()
# Each names a handful of projects in a hundred thousand: what a search for one thing looks like.
RARE_BRANDS = "Quillon Zephyrine Bramblewick Oxbowly Thistledown Marzipanic Umbrellaphant".split()
TAILS = "App Hub Studio HQ Desk Board Kit Lab Works Pro Base Flow Space Now Club".split()


@dataclass(frozen=True, slots=True)
class Thing:
    """What an app is about: a record with fields, as its code names them."""

    name: str
    plural: str
    fields: tuple[tuple[str, str], ...]
    """(name, kind): kind is string, number, boolean or date."""


@dataclass(frozen=True, slots=True)
class Domain:
    label: str
    nouns: tuple[str, ...]
    things: tuple[Thing, ...]
    pitch: str


def _thing(name: str, plural: str, fields: str) -> Thing:
    pairs = (field.split(":") for field in fields.split())
    return Thing(name, plural, tuple((pair[0], pair[1]) for pair in pairs))


DOMAINS = (
    Domain(
        "tasks",
        ("Tasks", "Planner", "Todo", "Kanban", "Sprints"),
        (
            _thing("Task", "tasks", "title:string done:boolean dueAt:date priority:number"),
            _thing("Board", "boards", "name:string color:string position:number"),
            _thing("Comment", "comments", "author:string body:string sentAt:date"),
        ),
        "keeps a small team's work in one list, with due dates and a board",
    ),
    Domain(
        "shop",
        ("Shop", "Store", "Market", "Boutique", "Cart"),
        (
            _thing("Product", "products", "title:string price:number stock:number sku:string"),
            _thing("Order", "orders", "email:string total:number paid:boolean placedAt:date"),
            _thing("Coupon", "coupons", "code:string percent:number endsAt:date"),
        ),
        "sells handmade goods online with a cart, coupons and order e-mails",
    ),
    Domain(
        "writing",
        ("Blog", "Journal", "Notes", "Letters", "Magazine"),
        (
            _thing("Post", "posts", "title:string slug:string body:string publishedAt:date"),
            _thing("Author", "authors", "name:string bio:string avatarUrl:string"),
            _thing("Tag", "tags", "label:string slug:string count:number"),
        ),
        "publishes essays with tags, an RSS feed and a reading list",
    ),
    Domain(
        "billing",
        ("Invoices", "Billing", "Ledger", "Expenses", "Payroll"),
        (
            _thing("Invoice", "invoices", "number:string amount:number sent:boolean dueAt:date"),
            _thing("Client", "clients", "name:string email:string country:string"),
            _thing("Payment", "payments", "method:string amount:number receivedAt:date"),
        ),
        "sends invoices, reminds late payers and totals the quarter",
    ),
    Domain(
        "health",
        ("Fitness", "Habits", "Meals", "Sleep", "Workouts"),
        (
            _thing("Workout", "workouts", "kind:string minutes:number startedAt:date"),
            _thing("Meal", "meals", "title:string calories:number eatenAt:date"),
            _thing("Goal", "goals", "label:string target:number reached:boolean"),
        ),
        "tracks training, meals and sleep and shows a weekly trend",
    ),
    Domain(
        "booking",
        ("Booking", "Appointments", "Salon", "Rentals", "Tables"),
        (
            _thing("Booking", "bookings", "guest:string people:number startsAt:date"),
            _thing("Room", "rooms", "name:string seats:number open:boolean"),
            _thing("Service", "services", "title:string minutes:number price:number"),
        ),
        "takes bookings, blocks double ones and reminds guests by e-mail",
    ),
    Domain(
        "insight",
        ("Dashboard", "Metrics", "Reports", "Analytics", "Monitor"),
        (
            _thing("Metric", "metrics", "name:string value:number takenAt:date"),
            _thing("Alert", "alerts", "rule:string level:number muted:boolean"),
            _thing("Report", "reports", "title:string format:string madeAt:date"),
        ),
        "draws the numbers of several services on one page and warns early",
    ),
    Domain(
        "learning",
        ("Courses", "Flashcards", "Quiz", "Academy", "Tutor"),
        (
            _thing("Course", "courses", "title:string level:string lessons:number"),
            _thing("Card", "cards", "front:string back:string box:number seenAt:date"),
            _thing("Student", "students", "name:string email:string active:boolean"),
        ),
        "teaches in short lessons with spaced repetition",
    ),
    Domain(
        "support",
        ("Helpdesk", "Tickets", "Chatbot", "Inbox", "Feedback"),
        (
            _thing("Ticket", "tickets", "subject:string status:string openedAt:date"),
            _thing("Reply", "replies", "body:string internal:boolean sentAt:date"),
            _thing("Article", "articles", "title:string body:string views:number"),
        ),
        "answers customers from one inbox and suggests help articles",
    ),
    Domain(
        "travel",
        ("Trips", "Hikes", "Travel", "Maps", "Itinerary"),
        (
            _thing("Trip", "trips", "title:string nights:number leavesAt:date"),
            _thing("Stop", "stops", "place:string latitude:number longitude:number"),
            _thing("Packing", "packings", "item:string packed:boolean count:number"),
        ),
        "plans trips day by day with a map and a packing list",
    ),
    Domain(
        "games",
        ("Puzzle", "Arcade", "Chess", "Trivia", "Quest"),
        (
            _thing("Level", "levels", "name:string width:number height:number"),
            _thing("Score", "scores", "player:string points:number setAt:date"),
            _thing("Round", "rounds", "seed:number finished:boolean startedAt:date"),
        ),
        "is a small browser game with levels and a high-score table",
    ),
    Domain(
        "people",
        ("CRM", "Contacts", "Portfolio", "Team", "Community"),
        (
            _thing("Contact", "contacts", "name:string email:string company:string"),
            _thing("Deal", "deals", "title:string value:number stage:string closesAt:date"),
            _thing("Event", "events", "title:string place:string startsAt:date"),
        ),
        "remembers who said what and when to call again",
    ),
)
