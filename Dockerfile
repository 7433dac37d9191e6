# The command `mammo` on processors, its weights included (docs/docker.md):
#     docker build --tag mammo .
FROM python:3.12-slim-bookworm

# OpenCV's wheel is linked against both.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libgl1 libglib2.0-0 \
    && rm -rf /var/lib/apt/lists/*

# Another index of packages, such as a mirror.
ARG PIP_INDEX_URL=https://pypi.org/simple

WORKDIR /source
# Apart from the sources: a change of these does not install gigabytes anew.
COPY requirements.lock ./
RUN pip install --no-cache-dir --require-hashes -r requirements.lock
# What .dockerignore lets through.
COPY . ./
RUN pip install --no-cache-dir --no-deps .

RUN useradd --create-home mammo
USER mammo
WORKDIR /work
EXPOSE 8000
ENTRYPOINT ["mammo"]
CMD ["--help"]
