# Everything here works on a fresh Debian 12 or 13 with git, make and python3, as root or with sudo.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules --no-print-directory

EXAMPLE ?= r1-haproxy-pair
SCENARIO ?= haproxy_pair
# Those that are joined by + follow each other in one lab
SCENARIOS := haproxy_pair+rolling+drill+chaos lifecycle+people notify vrid_conflict split_brain
# Of `make test-all` only, with the tests that are marked `matrix`
LONG_SCENARIOS := mixed_pair dual_vip three_nodes dual_stack source_build
RUNS ?= 5
MINUTES ?= 2
SEED ?= 1
ROUNDS ?= 100
ENGINE ?= haproxy
NODES ?= 2
FUZZ_RUNS ?= 10000000

export MATRIX
export PATH := $(CURDIR)/.venv/bin:$(PATH)
COLLECTION := .ansible/collections/ansible_collections/evenkeel/ha_lb
LAB := .venv/bin/python lab/lab.py
# Labs and network namespaces are root's; a user has sudo
AS_ROOT := $(shell [ "$$(id -u)" -eq 0 ] || echo sudo)
# Only what is listed, and only files whose SHA-256 is: built ones, so that nothing of a package runs to install it
PIP_ARGUMENTS := -m pip --quiet --disable-pip-version-check install --no-compile --only-binary :all: --require-hashes
PIP := .venv/bin/python $(PIP_ARGUMENTS)
RELEASE := .ansible/release
# With the oldest ansible-core that meta/runtime.yml allows; .venv has the newest that runs with Python 3.11
OLDEST := .ansible/oldest
# What runs Ansible, or is run by it; the core does not know it
OF_ANSIBLE := $(addprefix tests/unit/,plugins/action plugins/filter plugins/modules plugins/plugin_utils \
	plugins/test_documentation.py test_controller.py test_role_readmes.py test_template_agents.py test_template_haproxy.py \
	test_template_keepalived.py test_template_nginx.py)

.PHONY: help
help:  ## show the targets
	@sed -nE 's/^([a-z-]+):.*  ## (.*)/\1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r target what; do \
		printf '  make %-12s %s\n' "$$target" "$$what"; done

.PHONY: setup
setup: packages .venv/installed $(COLLECTION)  ## install what is missing: system packages, .venv, the collection's link

.PHONY: packages
packages:
	@sh lab/packages.sh

.venv/installed: requirements.txt | packages
	@echo 'setup: .venv from requirements.txt ...'
	@python3 -m venv .venv
	@$(PIP) --requirement requirements.txt > .venv/pip.log 2>&1 || { tail -n 20 .venv/pip.log >&2; exit 1; }
	@touch $@

$(RELEASE)/installed: release/requirements.txt | packages
	@echo 'setup: $(RELEASE) from release/requirements.txt ...'
	@python3 -m venv $(RELEASE)
	@$(RELEASE)/bin/python $(PIP_ARGUMENTS) --requirement $< > $(RELEASE)/pip.log 2>&1 || { tail -n 20 $(RELEASE)/pip.log >&2; exit 1; }
	@touch $@

$(OLDEST)/installed: tests/oldest/requirements.txt | packages
	@echo 'setup: $(OLDEST) from tests/oldest/requirements.txt ...'
	@python3 -m venv $(OLDEST)
	@$(OLDEST)/bin/python $(PIP_ARGUMENTS) --requirement $< > $(OLDEST)/pip.log 2>&1 || { tail -n 20 $(OLDEST)/pip.log >&2; exit 1; }
	@touch $@

# The checkout is the collection: an edit is live
$(COLLECTION):
	@mkdir -p $(@D)
	@ln -s ../../../.. $@

.PHONY: test
test: setup  ## lint, unit, oldest, wire, hostile, browser, sanity, and the molecule scenarios
	@rm -rf tests/output && mkdir -p tests/output
	@echo 'test: lint, wire, unit, oldest, sanity, browser and hostile, two at a time ...'
	@$(MAKE) --jobs=2 --output-sync=target lint wire unit oldest sanity browser hostile
	@set -e; for scenario in $(SCENARIOS); do $(MAKE) molecule SCENARIO=$$scenario; done
	@.venv/bin/python tests/count.py tests/output

.PHONY: test-all
test-all: setup  ## the same, with every scenario and the long matrices; hours
	@$(MAKE) test MATRIX=1 SCENARIOS="$(SCENARIOS) $(LONG_SCENARIOS)"

.PHONY: lint
lint: setup  ## style, types, and what Ansible's own linters say
	@ruff check --quiet
	@ruff format --check --quiet
	@mypy --no-error-summary
	@yamllint --strict .
	@ansible-lint --offline -q
	@antsibull-changelog lint

.PHONY: unit
unit: setup  ## the unit tests
	@pytest --quiet --junitxml=tests/output/unit.xml tests/unit

.PHONY: oldest
oldest: setup $(OLDEST)/installed  ## the unit tests of what Ansible runs, with the oldest ansible-core that is allowed
	@$(OLDEST)/bin/python -m pytest --quiet -p no:cacheprovider --junitxml=tests/output/oldest.xml $(OF_ANSIBLE)

.PHONY: wire
wire: setup  ## what is heard, said and dropped of protocol 112, in network namespaces of their own
	@$(AS_ROOT) env PYTHONDONTWRITEBYTECODE=1 .venv/bin/python -m pytest --quiet -p no:cacheprovider --junitxml=tests/output/wire.xml tests/wire

.PHONY: wire-bench
wire-bench: setup  ## how many adverts a second are heard, and what the ear of a node costs
	@$(AS_ROOT) .venv/bin/python lab/wire_bench.py
	@$(AS_ROOT) .venv/bin/python lab/ear_bench.py

.PHONY: fuzz
fuzz: setup  ## any bytes to the decoder, any text to the parser: FUZZ_RUNS of each; an hour
	@$(PIP) --requirement tests/fuzz/requirements.txt
	@.venv/bin/python tests/fuzz/decoder.py -runs=$(FUZZ_RUNS) -max_len=300
	@.venv/bin/python tests/fuzz/parser.py -runs=$(FUZZ_RUNS) -max_len=40

.PHONY: hostile
hostile: setup  ## every playbook against balancers that were taken over, and lie
	@pytest --quiet -p no:cacheprovider --junitxml=tests/output/hostile.xml tests/hostile

.PHONY: browser
browser: setup  ## the page of a preflight in a headless Chromium; pictures in tests/output/browser
	@pytest --quiet --junitxml=tests/output/browser.xml tests/browser

.PHONY: pictures
pictures: setup  ## the pictures of docs/, of the page of examples/three-nodes
	@.venv/bin/python tests/browser/pictures.py

.PHONY: sanity
sanity: setup  ## ansible-test sanity, of what is shipped and the unit tests
	@sh tests/sanity.sh --exclude lab/ --exclude molecule/ --exclude release/ --exclude tests/browser/ --exclude tests/fuzz/ --exclude tests/hostile/ --exclude tests/lab/ --exclude tests/wire/

# The lab is made by the first scenario, and goes when all is over; so molecule must not remember that it has made one.
# MOLECULE_GLOB: molecule would rather see its scenarios in extensions/. Borders would fold what pytest prints.
.PHONY: molecule
molecule: export LAB_STATE = $(CURDIR)/.ansible/labs/$(firstword $(subst +, ,$(SCENARIO)))
molecule: export MOLECULE_EPHEMERAL_DIRECTORY = $(CURDIR)/.ansible/molecule
molecule: export MOLECULE_GLOB = molecule/*/molecule.yml
molecule: export MOLECULE_COMMAND_BORDERS = 0
molecule: export ANSIBLE_HOME = $(CURDIR)/.ansible
molecule: setup $(OLDEST)/installed  ## one scenario (SCENARIO=directory of molecule/), or some of one lab (SCENARIO=haproxy_pair+drill)
	@down() { $(LAB) --state $(LAB_STATE) down; }; trap down EXIT; down; set -e; \
	for scenario in $(subst +, ,$(SCENARIO)); do \
		rm -rf $(MOLECULE_EPHEMERAL_DIRECTORY); molecule test --destroy=never --scenario-name $$scenario; done

.PHONY: lab-up
lab-up: setup  ## make a lab of real systemd nodes on this machine (EXAMPLE=directory of examples/)
	@$(LAB) up examples/$(EXAMPLE)/lab.yml
	@ansible-playbook -i .lab/inventory.yml lab/backends.yml || \
		{ echo 'lab: the nodes are up, but not all of their servers; `make lab-down` removes them' >&2; exit 1; }
	@echo 'try: ansible -i .lab/inventory.yml all -m ping (with .venv/bin in PATH)'

.PHONY: demo
demo:  ## the whole job on this machine: a lab, preflight, site, status, and three failovers under load
	@$(MAKE) lab-up EXAMPLE=$(EXAMPLE)
	@.venv/bin/python lab/demo.py --example examples/$(EXAMPLE)

.PHONY: bench
bench: setup  ## every trial RUNS times under load, with each engine, beside the usual configuration; writes docs/benchmarks.md
	@.venv/bin/python lab/bench.py --runs $(RUNS)

.PHONY: chaos
chaos: setup  ## ROUNDS of random faults under load (SEED, ENGINE, NODES=2 or 3), or one ROUND; writes docs/reliability.md
	@.venv/bin/python lab/chaos/run.py --engine $(ENGINE) --nodes $(NODES) --seed $(SEED) --rounds $(ROUNDS) \
		--faults '$(FAULTS)' --without '$(WITHOUT)' --round '$(ROUND)' $(if $(NO_SHRINK),--no-shrink)

.PHONY: status-bench
status-bench: setup  ## how long `status` takes on 2 and on 50 nodes, with a lab of one VIP that is up
	@.venv/bin/python lab/status_bench.py

.PHONY: agents-bench
agents-bench: setup  ## what the agents of a node take, on a lab that is up; the soak is MINUTES=30 BUSY=1; data to FILE=
	@.venv/bin/python lab/agents_bench.py --minutes $(MINUTES) $(if $(BUSY),--busy) $(if $(FILE),--file $(FILE))

.PHONY: site-bench
site-bench: setup  ## what `site` costs with nothing to change, on a lab that is up; in turn with another playbook: BESIDE=file
	@.venv/bin/python lab/site_bench.py --runs $(RUNS) --beside "$(BESIDE)"

.PHONY: recordings
recordings: setup  ## what real keepalived does in sequences of faults; writes tests/fixtures/recordings
	@.venv/bin/python lab/recordings.py

.PHONY: requirements
requirements: $(RELEASE)/installed  ## pin anew what every requirements.in asks for, with all that it needs, by SHA-256
	@set -e; for list in $$(git ls-files '*requirements.in'); do $(RELEASE)/bin/uv pip compile \
		--quiet --universal --python-version 3.11 --generate-hashes --upgrade --system-certs \
		--custom-compile-command 'make requirements' $$list --output-file $${list%.in}.txt; done

.PHONY: build
build: setup  ## the archive of what is committed, in dist/; of one commit always the same octets
	@.venv/bin/python release/archive.py dist

.PHONY: release
release: setup $(RELEASE)/installed  ## what is committed as a release, checked, in dist/; says how it is signed
	@.venv/bin/python release/prepare.py

.PHONY: lab-down
lab-down:  ## remove the lab
	@[ ! -x .venv/bin/python ] || $(LAB) down
