"""One project in three shapes: a MongoDB document, PostgreSQL JSONB, and joined tables."""

from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from devora_admin.core import clock, mongo

Project = dict[str, Any]
Connection = psycopg.Connection[tuple[Any, ...]]

COLLECTION = "bench_stores"

TABLES = """
DROP TABLE IF EXISTS json_projects, joined_projects, joined_files;
CREATE TABLE json_projects (
    id text PRIMARY KEY, user_id text NOT NULL, name text, files jsonb, metadata jsonb,
    conversation jsonb, updated_at timestamptz
);
CREATE TABLE joined_projects (
    id text PRIMARY KEY, user_id text NOT NULL, name text, metadata jsonb,
    conversation jsonb, updated_at timestamptz
);
CREATE TABLE joined_files (
    project_id text REFERENCES joined_projects, name text, content text, language text,
    PRIMARY KEY (project_id, name)
);
CREATE INDEX ON json_projects (user_id);
CREATE INDEX ON joined_projects (user_id);
"""


class Side:
    name = ""

    def load(self, projects: list[Project]) -> None:
        raise NotImplementedError

    def save(self, project: Project) -> None:
        raise NotImplementedError

    def save_file(self, project: Project) -> None:
        """Saves the second file alone."""
        raise NotImplementedError

    def read(self, project: Project) -> Project:
        raise NotImplementedError


class InMongo(Side):
    name = "MongoDB document"

    def __init__(self) -> None:
        self.collection = mongo.database()[COLLECTION]

    def load(self, projects: list[Project]) -> None:
        self.collection.drop()
        self.collection.create_index("id", unique=True)
        self.collection.create_index("user_id")
        for start in range(0, len(projects), 200):
            # insert_many adds an _id to what it is given.
            self.collection.insert_many([dict(found) for found in projects[start : start + 200]])

    def save(self, project: Project) -> None:
        whole = {**project, "updated_at": clock.now()}
        assert self.collection.replace_one({"id": project["id"]}, whole).matched_count

    def save_file(self, project: Project) -> None:
        file = project["files"][1]
        change = {"files.$.content": file["content"], "updated_at": clock.now()}
        where = {"id": project["id"], "files.name": file["name"]}
        assert self.collection.update_one(where, {"$set": change}).matched_count

    def read(self, project: Project) -> Project:
        found = self.collection.find_one({"id": project["id"]})
        assert found
        return found


class InPostgres(Side):
    def __init__(self, connection: Connection) -> None:
        self.connection = connection


class InJsonb(InPostgres):
    name = "PostgreSQL JSONB"

    def load(self, projects: list[Project]) -> None:
        with self.connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO json_projects VALUES (%s, %s, %s, %s, %s, %s, %s)",
                [
                    (
                        project["id"],
                        project["user_id"],
                        project["name"],
                        Jsonb(project["files"]),
                        Jsonb(project["metadata"]),
                        Jsonb(project["conversation_history"]),
                        clock.now(),
                    )
                    for project in projects
                ],
            )

    def save(self, project: Project) -> None:
        done = self.connection.execute(
            "UPDATE json_projects SET name = %s, files = %s, metadata = %s, conversation = %s,"
            " updated_at = %s WHERE id = %s",
            (
                project["name"],
                Jsonb(project["files"]),
                Jsonb(project["metadata"]),
                Jsonb(project["conversation_history"]),
                clock.now(),
                project["id"],
            ),
        )
        assert done.rowcount == 1

    def save_file(self, project: Project) -> None:
        done = self.connection.execute(
            "UPDATE json_projects SET files = jsonb_set(files, '{1,content}', %s),"
            " updated_at = %s WHERE id = %s AND files->1->>'name' = %s",
            (
                Jsonb(project["files"][1]["content"]),
                clock.now(),
                project["id"],
                project["files"][1]["name"],
            ),
        )
        assert done.rowcount == 1

    def read(self, project: Project) -> Project:
        row = self.connection.execute(
            "SELECT * FROM json_projects WHERE id = %s", (project["id"],)
        ).fetchone()
        assert row
        return {"id": row[0], "files": row[3]}


class InTables(InPostgres):
    name = "PostgreSQL joined tables"

    def load(self, projects: list[Project]) -> None:
        with self.connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO joined_projects VALUES (%s, %s, %s, %s, %s, %s)",
                [
                    (
                        project["id"],
                        project["user_id"],
                        project["name"],
                        Jsonb(project["metadata"]),
                        Jsonb(project["conversation_history"]),
                        clock.now(),
                    )
                    for project in projects
                ],
            )
            for project in projects:
                self._insert_files(cursor, project)

    def _insert_files(self, cursor: Any, project: Project) -> None:
        cursor.executemany(
            "INSERT INTO joined_files VALUES (%s, %s, %s, %s)"
            " ON CONFLICT (project_id, name) DO UPDATE"
            " SET content = excluded.content, language = excluded.language",
            [
                (project["id"], file["name"], file["content"], file["language"])
                for file in project["files"]
            ],
        )

    def save(self, project: Project) -> None:
        names = [file["name"] for file in project["files"]]
        with self.connection.transaction(), self.connection.cursor() as cursor:
            cursor.execute(
                "UPDATE joined_projects SET name = %s, metadata = %s, conversation = %s,"
                " updated_at = %s WHERE id = %s",
                (
                    project["name"],
                    Jsonb(project["metadata"]),
                    Jsonb(project["conversation_history"]),
                    clock.now(),
                    project["id"],
                ),
            )
            assert cursor.rowcount == 1
            cursor.execute(
                "DELETE FROM joined_files WHERE project_id = %s AND name <> ALL(%s)",
                (project["id"], names),
            )
            self._insert_files(cursor, project)

    def save_file(self, project: Project) -> None:
        file = project["files"][1]
        with self.connection.transaction(), self.connection.cursor() as cursor:
            cursor.execute(
                "UPDATE joined_files SET content = %s WHERE project_id = %s AND name = %s",
                (file["content"], project["id"], file["name"]),
            )
            assert cursor.rowcount == 1
            cursor.execute(
                "UPDATE joined_projects SET updated_at = %s WHERE id = %s",
                (clock.now(), project["id"]),
            )

    def read(self, project: Project) -> Project:
        rows = self.connection.execute(
            "SELECT p.*, f.name, f.content, f.language FROM joined_projects p"
            " LEFT JOIN joined_files f ON f.project_id = p.id WHERE p.id = %s",
            (project["id"],),
        ).fetchall()
        assert rows
        files = [{"name": row[6], "content": row[7], "language": row[8]} for row in rows]
        return {"id": rows[0][0], "files": files}


class InTablesApart(InTables):
    """Without the join, which repeats the project's own columns for every file."""

    name = "PostgreSQL tables, two queries"

    def read(self, project: Project) -> Project:
        key = (project["id"],)
        row = self.connection.execute("SELECT * FROM joined_projects WHERE id = %s", key).fetchone()
        assert row
        rows = self.connection.execute(
            "SELECT name, content, language FROM joined_files WHERE project_id = %s", key
        ).fetchall()
        files = [{"name": file[0], "content": file[1], "language": file[2]} for file in rows]
        return {"id": row[0], "files": files}
