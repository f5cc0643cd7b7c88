"""What demo customers ask, what staff answer, and how it was solved."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Story:
    subjects: tuple[str, ...]
    asked: str
    replied: str
    told: str
    """What the customer adds."""
    note: str
    solved: str
    tags: tuple[str, ...]
    about_project: bool = True


STORIES = (
    Story(
        (
            "Deploy fails with E_QUOTA",
            "Cannot deploy since this morning",
            "E_QUOTA on every deploy",
        ),
        "Since this morning every deploy of {project} ends with E_QUOTA. I have not changed "
        "anything but two texts. The preview works.",
        "Thanks for the details. Your builds keep their old images, and those count. I have asked "
        "for them to be cleared; please deploy once more in ten minutes.",
        "I waited and deployed again: it gets further, but stops at 80 %.",
        "Registry holds 41 images for this project. Cleaning by hand; see the runbook on quotas.",
        "Old build images filled the storage quota. Removed 38 of them; the deploy went through. "
        "Images older than 14 days are now cleared for this plan.",
        ("deploy", "quota"),
    ),
    Story(
        ("Preview stays white", "White page in the preview", "Preview does not load any more"),
        "The preview of {project} is a white page. In the console it says: TypeError: Cannot read "
        "properties of undefined (reading 'map').",
        "The list in src/App.tsx is empty until the data has come, and the code reads it at once. "
        "Ask the AI to guard the list, or I can do it for you.",
        "Please do it, I am afraid to break more.",
        "Customer is on version with items undefined on first render. One-line fix.",
        "The list was read before its data had come. Added an empty list as the default in "
        "src/App.tsx; the preview loads.",
        ("preview", "bug"),
    ),
    Story(
        ("Charged twice this month", "Double charge on my card", "Two invoices for the same month"),
        "My card was charged twice this month, 19.00 each time. I have only one account.",
        "I see both charges. The second came from a retry after the bank had already accepted the "
        "first. I have started the refund; it takes three to five days.",
        "Thank you. Will it happen again next month?",
        "Retry after timeout, known at the payment provider. Refund asked for with finance.",
        "The second charge was a retry after a timeout at the bank. Refunded it, and the retry now "
        "asks first whether the charge went through.",
        ("billing", "refund"),
        about_project=False,
    ),
    Story(
        ("Custom domain is not verified", "Domain stuck on “pending”", "DNS set, domain not found"),
        "I pointed my domain to {project} two days ago, and it still says pending. The CNAME is "
        "set, I checked with two tools.",
        "The CNAME is right, but there is an old CAA record that lets no other authority issue a "
        "certificate. Please remove it, or add ours.",
        "Removed it. How long does it take now?",
        "CAA record of the old host. Certificate will be issued within the hour after removal.",
        "A CAA record of the former host refused our certificate. After it was removed the domain "
        "was verified within 20 minutes.",
        ("domain", "dns"),
    ),
    Story(
        (
            "The AI overwrote my changes",
            "My edits are gone after a prompt",
            "Lost work after asking the AI",
        ),
        "I had changed the colours of {project} by hand. After my next message to the AI they are "
        "back to the old ones. Can I have my version back?",
        "Nothing is lost: each state is kept. I can put the two files back to what they were "
        "before that answer. Shall I?",
        "Yes please, only the styles. The new page should stay.",
        "Restore src/index.css and tailwind.config.ts from before the last turn.",
        "Put two style files back from the version before the AI's answer, and kept the new page. "
        "The AI is told to leave those colours alone in the project's instructions.",
        ("ai", "history"),
    ),
    Story(
        ("Cannot sign in", "Password reset mail does not arrive", "Locked out of my account"),
        "I cannot sign in any more. I asked for a reset three times and no mail arrives, also not "
        "in spam.",
        "Our mails to your address bounced last month, so it was set aside. I have taken it off "
        "that list; please ask for the mail once more.",
        "It arrived, but the link says it is too old.",
        "Address on the suppression list since a full mailbox.",
        "The address was on the list of those that bounce. Taken off; the customer reset the "
        "password with a fresh link.",
        ("account", "email"),
        about_project=False,
    ),
    Story(
        ("Build fails: cannot find module", "Module not found after renaming a folder"),
        "After the AI renamed a folder the build of {project} fails: Cannot find module "
        "'@/components/Button'.",
        "Three files still import from the old folder. I can change them, or you ask the AI for "
        "“update the imports to src/ui”.",
        "I asked it, now two are left.",
        "Imports in app/page.tsx and app/settings/page.tsx are stale.",
        "Imports in three files still named the old folder. Corrected them, and the build passes.",
        ("build", "ai"),
    ),
    Story(
        ("Very slow since the weekend", "App takes ten seconds to answer", "Slow queries"),
        "{project} has become very slow. Each list takes ten seconds, and there are only a few "
        "thousand rows.",
        "The list asks for all orders and filters them in the browser. An index on the date and a "
        "limit of 50 bring it down; shall I add them?",
        "Please. Does this need a bigger plan?",
        "Full scan of orders on each view, no index on created_at.",
        "The list read every order. Added an index on the date and paging by 50; it answers in "
        "80 ms. No bigger plan was needed.",
        ("performance", "database"),
    ),
    Story(
        ("How do I export my code?", "Download of the whole project", "Moving to our own hosting"),
        "We want to host {project} ourselves. Is there a way to download everything with its "
        "database?",
        "The code is under Export, as a zip that runs with npm. The database comes as a dump that "
        "I can make for you; it is yours for 24 hours.",
        "Great, please make the dump.",
        "Dump made, customer told that secrets are not in it.",
        "Sent the export and a dump of the database, with the steps to run both. The keys have to "
        "be set anew.",
        ("export", "question"),
    ),
    Story(
        ("Emails from my app land in spam", "Contact form mails are not delivered"),
        "The mails that {project} sends land in spam at two of our clients.",
        "Your domain has no SPF and DKIM records for our mailer. I have written the two lines you "
        "need to add below.",
        "Added both. Is there a way to test?",
        "SPF missing, DKIM selector d1. Score was 3.1, should be above 8.",
        "Mails had neither SPF nor DKIM. After both records were added, they arrive in the inbox.",
        ("email", "dns"),
    ),
    Story(
        ("API key seems to have leaked", "Key in a public repository"),
        "I pushed the .env of {project} to a public repository by mistake. What do I have to do?",
        "I have revoked the key at once. Please make a new one, and put it under Settings, not in "
        "a file.",
        "Done. Was it used by anybody?",
        "No use from foreign addresses in the last 24 hours.",
        "Revoked the leaked key within minutes and made a new one; nobody else had used it.",
        ("security", "secrets"),
    ),
    Story(
        ("Upgrade did not change my limits", "Still on the free limits after paying"),
        "I upgraded to Pro an hour ago and still see the limits of the free plan.",
        "The payment has arrived, but your session still had the old plan. Please sign out and in "
        "again; if that does not help I will look further.",
        "That helped, thank you.",
        "Plan is right in the account, cached in the session.",
        "The session still held the old plan. After signing in again the limits were those of Pro.",
        ("billing", "plan"),
        about_project=False,
    ),
)
SPIKE = "{count} times E_RUNTIME within an hour in {project}; before it was none a day."
THANKS = (
    "That works now, thank you.",
    "Perfect, it is fixed.",
    "Great, thanks for the quick help.",
)
COLLEAGUES = (
    ("dana.reyes@devora.local", "Dana Reyes"),
    ("milo.hart@devora.local", "Milo Hart"),
    ("priya.nair@devora.local", "Priya Nair"),
)
