"""What must hold before anything is started. Each failure is one sentence."""

import errno
import socket

import pymongo
from pymongo.errors import ConfigurationError, InvalidURI, OperationFailure, PyMongoError

UNREACHABLE_AFTER_S = 3.0


class CannotServe(Exception):
    """The message is one sentence for the terminal."""


def port_is_free(host: str, port: int) -> None:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        socket.create_server((host, port), family=family).close()
    except (OSError, OverflowError) as error:
        number = getattr(error, "errno", None)
        if number == errno.EADDRINUSE:
            reason = "is taken: stop what listens there, or choose another with --port"
        elif number == errno.EACCES:
            reason = "is not open to this user: choose one above 1023 with --port"
        else:
            reason = f"cannot be listened on ({str(error).rstrip('.')})"
        raise CannotServe(f"Port {port} on {host} {reason}.") from error


def mongo_is_usable(url: str) -> str:
    """The name of the replica set behind `url`, "" for a mongos."""
    try:
        with (
            pymongo.timeout(UNREACHABLE_AFTER_S),
            pymongo.MongoClient[dict[str, object]](
                url, serverSelectionTimeoutMS=int(UNREACHABLE_AFTER_S * 1000)
            ) as client,
        ):
            hello = client.admin.command("hello")
    except (InvalidURI, ConfigurationError, ValueError) as error:
        raise CannotServe(f"MONGO_URL cannot be read: {_sentence(error)}") from error
    except OperationFailure as error:
        raise CannotServe(f"MONGO_URL was refused: {_sentence(error.details['errmsg'])}") from error  # type: ignore[index]
    except PyMongoError as error:
        if _waits_for_initiate(url):
            raise CannotServe(
                "MONGO_URL is a replica set that was never initiated: run rs.initiate() once."
            ) from error
        raise CannotServe(
            "MONGO_URL is unreachable: no MongoDB that fits it answered within"
            f" {UNREACHABLE_AFTER_S:.0f} seconds."
        ) from error
    if "setName" not in hello and hello.get("msg") != "isdbgrid":
        raise CannotServe(
            "MONGO_URL is no replica set, which transactions and change streams need:"
            " start that mongod with --replSet and run rs.initiate() once."
        )
    return str(hello.get("setName", ""))


def _waits_for_initiate(url: str) -> bool:
    """Whether a mongod is there, with --replSet but without a configuration."""
    try:
        with (
            pymongo.timeout(1),
            pymongo.MongoClient[dict[str, object]](
                url, directConnection=True, replicaSet=None
            ) as client,
        ):
            return bool(client.admin.command("hello").get("isreplicaset"))
    except (PyMongoError, ValueError):
        return False


def _sentence(message: object) -> str:
    return f"{str(message).rstrip('.')}."
