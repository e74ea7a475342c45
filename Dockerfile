# The memorization explorer, without a root user, and with no need to write to anything but /cache and /tmp:
#
#     docker build -t memorization-explorer .
#     docker run --init --read-only --tmpfs /tmp -v explorer-cache:/cache -p 127.0.0.1:8501:8501 memorization-explorer
#
# tests/test_container.py checks this file and runs its commands where there is no engine.

# The newest patch of this Python each time an image is built: its repairs are worth more than equal bytes. What the
# results depend on stands in constraints.txt.
ARG PYTHON=3.13-slim-trixie

FROM python:${PYTHON} AS build
# PyTorch's own index of builds for CPUs, which are a tenth of the size of those that bring along NVIDIA's libraries.
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /build
RUN python -m venv --without-pip /venv
# Without what it needs, which then comes in the versions of constraints.txt like everything else.
COPY constraints.txt ./
RUN pip --python /venv/bin/python install -c constraints.txt --no-deps --index-url "${TORCH_INDEX}" torch
COPY pyproject.toml ./
RUN python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['dependencies'], sep='\n')" > requirements.txt \
    && pip --python /venv/bin/python install -c constraints.txt -r requirements.txt \
    && pip --python /venv/bin/python check

FROM python:${PYTHON}
# A fixed number, so that the owner of a volume is known beforehand.
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /tmp --shell /usr/sbin/nologin explorer \
    && install -d -o explorer -g explorer -m 0700 /cache
ENV PATH=/venv/bin:$PATH \
    PYTHONPATH=/app \
    PYTHONUNBUFFERED=1 \
    HOME=/tmp \
    EXPLORER_CACHE_DIR=/cache \
    STREAMLIT_SERVER_PORT=8501
WORKDIR /app
COPY --from=build /venv /venv
COPY LICENSE ./
COPY .streamlit/config.toml .streamlit/
COPY core core
COPY explorer explorer
# Nothing can be written here later; by content, because a copied layer may change times.
RUN python -m compileall -q --invalidation-mode unchecked-hash core explorer
USER 10001:10001
VOLUME /cache
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.build_opener(u.ProxyHandler({})).open('http://127.0.0.1:' + os.environ['STREAMLIT_SERVER_PORT'] + '/_stcore/health', timeout=4)"]
# Inside, every address: who reaches it from outside is decided by -p. An error is told in full to the log alone.
CMD ["streamlit", "run", "explorer/app.py", "--server.address", "0.0.0.0", "--server.headless", "true", "--server.fileWatcherType", "none", "--client.showErrorDetails", "type"]
