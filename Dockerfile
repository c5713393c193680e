# Two images.
#   embedded  the whole stack in one container, for whoever has Docker and no Python:
#             docker build -t videoflix . && docker run --rm -p 127.0.0.1:8000:8000 -p 127.0.0.1:5500:5500 -p 127.0.0.1:4566:4566 videoflix
#   compose   what compose.yml runs beside LocalStack, with everything that `pytest` needs.
# Both start with the pins and the ffmpeg that change seldom; the code comes last.

FROM python:3.13-slim AS base
ARG PIP_INDEX_URL
ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /videoflix
COPY requirements.txt requirements-local.txt ./
RUN pip install -r requirements-local.txt
COPY layers layers
RUN python layers/ffmpeg/build.py && useradd --create-home videoflix && install -d -o videoflix /state /layer \
 && chown videoflix . layers/ffmpeg layers/ffmpeg/build
ENV VIDEOFLIX_STATE=/state VIDEOFLIX_BIND=0.0.0.0

FROM base AS compose
COPY requirements-dev.txt ./
RUN pip install -r requirements-dev.txt && python layers/ffmpeg/build.py --unpack
COPY infra infra
COPY functions functions
COPY localstack localstack
RUN python -m localstack.compose.prebuild && chown -R videoflix .
COPY --chown=videoflix . .
USER videoflix
CMD ["python", "-m", "localstack.compose.serve"]

FROM base AS embedded
COPY --chown=videoflix app.py manage.py ./
COPY --chown=videoflix .chalice .chalice
COPY functions functions
COPY infra infra
COPY localstack localstack
COPY web web
RUN python -m localstack.compose.prebuild && chown -R videoflix .chalice
USER videoflix
VOLUME /state
EXPOSE 4566 5500 8000
HEALTHCHECK --start-period=180s --interval=10s --timeout=30s CMD \
  python -c "import os, urllib.request as u; u.urlopen('http://127.0.0.1:' + os.environ.get('VIDEOFLIX_API_PORT', '8000') + '/healthz/')"
CMD ["python", "-m", "localstack.container"]
