# Lockstep, the textbook that boots.  `make help` says what can be made.
#
# chapters/*.nw -> build/markup -> source trees -> kernels -> captured runs
#                               \-> the book, with what was captured

SHELL = /bin/bash
.SHELLFLAGS = -o pipefail -ec
MAKEFLAGS += --no-builtin-rules --no-print-directory
.DELETE_ON_ERROR:
.SECONDARY:
.DEFAULT_GOAL = all

ARCH ?= i386
KERNEL ?= lockstep
B = build
T = $(B)/tools
TOOLS = tangle variant where weave
Q = $(if $(V),,@)
export V WERROR

MACHINES = i386 riscv64
ifneq ($(filter-out $(MACHINES),$(ARCH))$(filter-out lockstep,$(KERNEL)),)
$(error ARCH=$(ARCH) KERNEL=$(KERNEL): there is no such kernel; there are \
ARCH=$(MACHINES) KERNEL=lockstep)
endif

CHAPTERS := $(wildcard chapters/*.nw)
# The chapters that leave a kernel of their own, on i386, and the experiments of
# all chapters.
SNAPSHOTS := $(shell grep -l '^<<.*>>=' \
    $(filter-out chapters/00-% chapters/14-%,$(CHAPTERS)) \
    | sed 's|.*/\([0-9]*\)-.*|\1|')
EXPERIMENTS := $(shell sed -n 's/^<<experiment \([^:>]*\)>>=$$/\1/p' $(CHAPTERS))
CAPTURES := $(patsubst tests/captures/%.py,%,\
    $(shell grep -l '^\# kernel:' tests/captures/*.py 2>/dev/null))

# The kernels without a change: of the whole book, for each machine, and of each
# snapshot.
KERNELS = $(MACHINES) $(SNAPSHOTS:%=ch%)

ifneq ($(filter-out $(SNAPSHOTS),$(CH)),)
$(error CH=$(CH): no such chapter with a kernel; there are: $(SNAPSHOTS))
endif
ifneq ($(if $(CH),$(filter-out i386,$(ARCH))),)
$(error CH=$(CH) ARCH=$(ARCH): a chapter's kernel is for ARCH=i386)
endif
ifneq ($(filter-out $(EXPERIMENTS),$(E)),)
$(error E=$(E): no such experiment; there are: $(EXPERIMENTS))
endif
# Where the kernel in question is built: the whole book's, or a snapshot.
D = $(B)/$(if $(CH),ch$(CH),$(ARCH))

export PATH := $(CURDIR)/$(B)/toolchain/bin:$(PATH)
CROSS ?= $(firstword $(foreach p,i686-elf- i686-linux-gnu-,\
    $(if $(shell command -v $(p)gcc),$(p))))
CROSS_RISCV64 ?= riscv64-unknown-elf-

# The machine of the kernel that is built in a folder of $(B), its compiler, and
# how it is booted there.
machine_of = $(or $(filter $(MACHINES),$(firstword $(subst /, ,$(1)))),\
    $(shell sed -n 's/^arch: *//p' $(B)/$(1)/spec 2>/dev/null),i386)
cross_of = $(if $(filter riscv64,$(call machine_of,$(1))),$(CROSS_RISCV64),$(CROSS))
boots_of = $(if $(filter riscv64,$(call machine_of,$(1))),opensbi,image multiboot)

help:      ## says what can be made
doctor:    ## says which packages are there and which are missing
clean:     ## deletes build/, which loses nothing

all: $(B)/packages kernel captures book summary ## everything: set-up, kernel, runs, book

help:
	@sed -n 's/^\([a-z-]*\):.*## */  make \1\t/p' Makefile | sort | expand -t 20
	@echo "Variables: ARCH=i386|riscv64, CH=NN (the kernel as chapter NN leaves it),"
	@echo "E=NAME (an experiment), BOOT=image|multiboot, V=1 (show commands), NO_INSTALL=1"

doctor:
	@./setup doctor

clean:
	rm -rf $(B)

$(B)/packages: packages.txt
	@mkdir -p $(B)
	@./setup install
	@touch $@

# --- Host tools ------------------------------------------------------------

HOSTCC ?= cc
HOSTCFLAGS = -std=gnu11 -O2 -g -Wall -Wextra $(WERROR) -Itangle
MAINS = tangle/tangle.c tangle/variant.c tangle/where.c
LIBRARY = $(filter-out $(MAINS),$(wildcard tangle/*.c))
HEADERS = $(wildcard tangle/*.h book/*.h)

host_tool = @mkdir -p $(@D) && echo "  HOSTCC $(@F)"
$(T)/weave: $(wildcard book/*.c) tangle/noweb.c $(HEADERS) | $(B)/packages
	$(host_tool)
	$(Q)$(HOSTCC) $(HOSTCFLAGS) -o $@ $(filter %.c,$^)
$(T)/%: tangle/%.c $(LIBRARY) $(HEADERS) | $(B)/packages
	$(host_tool)
	$(Q)$(HOSTCC) $(HOSTCFLAGS) -o $@ $(filter %.c,$^)

# How Chinese names are sorted.
$(T)/locale/zh_CN.UTF-8: | $(B)/packages
	@mkdir -p $(@D) && echo "  LOCALE $(@F)"
	$(Q)localedef -i zh_CN -f UTF-8 $@

tools: $(TOOLS:%=$(T)/%) $(T)/locale/zh_CN.UTF-8

# --- Tangling: a tree for the whole book, each snapshot, each experiment -----

$(B)/markup: $(CHAPTERS) tangle/markup.sh | $(B)/packages
	@echo "  MARKUP chapters"
	$(Q)tangle/markup.sh $@ $(CHAPTERS)

# A stamp says when a step was last done, but what follows looks at the files
# behind it, which are rewritten only if their contents have changed.
TREES = $(KERNELS) $(EXPERIMENTS:%=experiments/%)
LOST = $(filter-out $(wildcard $(TREES:%=$(B)/%/digest)),$(TREES:%=$(B)/%/digest))
$(B)/tangled: $(B)/markup $(T)/tangle $(if $(LOST),again)
	@echo "  TANGLE $(words $(TREES)) trees"
	$(Q)$(T)/tangle --check < $<
	$(Q)$(T)/tangle --trees $(B) $(TREES) < $<
	@touch $@
$(B)/%/digest: $(B)/tangled ;
$(B)/%/spec: $(B)/tangled ;
again:

# --- Kernels: each tree brings its own rules, chapter 01 explains them -------

build_kernel = $(T)/where -m $(1)/src.map -- $(MAKE) -s -f $(2)/kernel.mk \
    SRC=$(2) OUT=$(3) ARCH=$(call machine_of,$*) CROSS=$(call cross_of,$*)
$(B)/%/built: $(B)/%/digest | $(T)/where
	@echo "  KERNEL $(@D)"
	$(Q)$(call build_kernel,$(@D),$(@D)/src,$(@D)) $(if $(V),,>/dev/null)
	@touch $@

kernel: $(D)/built ## build/i386/kernel.elf and kernel.img (CH=NN: build/chNN/)

QEMU.i386 = qemu-system-i386 -vga std
QEMU.riscv64 = qemu-system-riscv64 -machine virt -bios default
QEMU = $(QEMU.$(ARCH)) -nodefaults -display none -no-reboot
comma = ,
medium = $(if $(filter multiboot,$(BOOT))$(filter riscv64,$(ARCH)),\
    -kernel $(1)/kernel.elf,\
    -drive format=raw$(comma)snapshot=on$(comma)file=$(1)/kernel.img)
qemu: $(D)/built ## boots it with the serial console on the terminal
	@echo "  QEMU $(D); leave with Ctrl-A, then X"
	@$(QEMU) -serial mon:stdio $(call medium,$(D))

# The debugger wants the tree with #line; the code it gives is the same.
$(B)/%/debug/built: $(B)/tangled $(T)/where
	@mkdir -p $(@D) && cp -p $(B)/$*/digest $(@D)/
	$(Q)$(call build_kernel,$(B)/$*,$(B)/$*/line,$(@D)) >/dev/null
	@touch $@
gdb: $(D)/debug/built ## QEMU halted, gdb attached; break on chapter lines
	@echo "  GDB break 02-console.nw:LINE, continue; serial: $(D)/debug/serial"
	@gdb-multiarch -q $(D)/debug/kernel.elf -ex 'set confirm off' \
	    -ex 'target remote | exec $(QEMU) -monitor none -S -gdb stdio \
	    -serial file:$(D)/debug/serial $(call medium,$(D)/debug)' \
	    -ex 'hbreak kern_init' $(GDBFLAGS)

where: $(D)/built ## AT=kernel/panic.c:12 or AT=0xc0100123: the chapter and line
	@at='$(AT)'; [[ $$at != 0x* ]] || at=$$($(call cross_of,$(notdir $(D)))addr2line -e $(D)/kernel.elf $$at); \
	$(T)/where -m $(D)/src.map $$at

# --- Captured runs -----------------------------------------------------------

C = $(B)/captures
BOOTED = $(foreach k,$(KERNELS),$(foreach b,$(call boots_of,$(k)),$(C)/$(k)-$(b).txt))
define boot_rule
$(C)/%-$(1).txt: $(B)/%/built tests/run
	@mkdir -p $(C) && echo "  BOOT $$* $(1)"
	$$(Q)how=$$$$(TIMEOUT=120 tests/run $$(<D) $(1) $$@); \
	[ $$$$how = pass ] || { cat $$@; echo "$$@: the run ended in $$$$how" >&2; exit 1; }
endef
$(foreach b,image multiboot opensbi,$(eval $(call boot_rule,$(b))))
$(KERNELS:%=$(C)/%.values): $(C)/%.values: $(B)/%/built tests/measure
	@mkdir -p $(C)
	$(Q)tests/measure $(<D) $(call cross_of,$*) > $@

# A model that a chapter holds, and what spin finds in it.
$(C)/wakeup.values: $(B)/i386/digest tests/model
	@mkdir -p $(C) && echo "  MODEL wakeup"
	$(Q)tests/model $(B)/i386/src/models/wakeup.pml $(@:.values=)

# Anybody can compute the digest; the book shows how.
DIGEST = find * -type f | LC_ALL=C sort | xargs sha256sum | sha256sum
$(C)/digest.txt: $(B)/i386/digest
	@mkdir -p $(C)
	$(Q){ echo '$$ $(DIGEST)'; cd $(B)/i386/src; $(DIGEST); } > $@

$(C)/exp-%.values: $(B)/experiments/%/built $(B)/experiments/%/spec tests/experiment tests/run
	@mkdir -p $(C) && echo "  EXPERIMENT $*"
	$(Q)tests/experiment $* $(B)/experiments/$*/spec $(<D) $(@:.values=)

# Where a capture's kernel is built: a snapshot, or an experiment.
kernel_of = $(B)/$(if $(filter ch%,$(1)),,experiments/)$(1)
define capture_rule
$(C)/$(1).values: $(call kernel_of,$(2))/built tests/capture tests/captures/$(1).py \
    $(wildcard tests/captures/lib/*.py)
	@mkdir -p $(C) && echo "  CAPTURE $(1)"
	$$(Q)tests/capture $(1) $$(<D) $(C)
endef
$(foreach c,$(CAPTURES),$(eval $(call capture_rule,$(c),$(shell \
    tests/capture --kernel $(c)))))

# Every single mistake in the code that switches, each booted.
MUTATED = $(wildcard tests/mutations/*) tests/mutate tests/mutations.awk tests/run
$(C)/mutations.values: $(B)/experiments/switch-tests/built $(MUTATED)
	@mkdir -p $(C) && echo "  MUTATE switch"
	$(Q)tests/mutate i386 $(<D) $(CROSS) $(@:.values=)
$(C)/riscv-mutations.values: $(B)/experiments/rv-switch-tests/built $(MUTATED)
	@mkdir -p $(C) && echo "  MUTATE switch on riscv64"
	$(Q)tests/mutate riscv64 $(<D) $(CROSS_RISCV64) $(@:.values=)
	$(Q)grep -E ':$$|^  no ' $(@:.values=.txt) > $(C)/riscv-deletions.txt

CAPTURED = $(C)/digest.txt $(C)/mutations.values $(C)/riscv-mutations.values \
    $(C)/wakeup.values $(BOOTED) $(KERNELS:%=$(C)/%.values) \
    $(EXPERIMENTS:%=$(C)/exp-%.values) $(CAPTURES:%=$(C)/%.values)
captures: $(CAPTURED) ## boots every snapshot and experiment, takes the pictures

experiment: experiments
experiments: $(patsubst %,$(C)/exp-%.values,$(or $(E),$(EXPERIMENTS))) ## all of them; E=NAME runs one and shows it
	@$(if $(E),cat $(B)/experiments/$(E)/spec; echo ---; cat $(C)/exp-$(E).txt $(C)/exp-$(E).values,\
	    echo "$(words $(EXPERIMENTS)) experiments came out as the book claims")

# --- The book ------------------------------------------------------------------

BOOK = $(B)/book
PDFS = $(BOOK)/lockstep.pdf $(BOOK)/lockstep-zh.pdf $(BOOK)/lockstep-en.pdf
# Dates in the PDFs are those of the last commit, so that two builds agree.
export SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct 2>/dev/null || echo 0)

edition = $(if $(filter lockstep,$*),bilingual,$(*:lockstep-%=%))
$(BOOK)/%.pdf: $(B)/markup $(B)/tangled $(T)/weave $(T)/locale/zh_CN.UTF-8 $(CAPTURED) $(B)/i386/digest \
    $(wildcard book/*) $(wildcard figures/*.tex)
	@mkdir -p $(BOOK) && echo "  BOOK $(@F)"
	$(Q)book/build $(edition) $(B)/markup $(C) $$(head -c 16 $(B)/i386/digest) $(BOOK)
	@touch $@

book: $(PDFS) ## the three PDFs; book-zh, book-en, book-answers: one of them
book-%: $(BOOK)/lockstep-%.pdf ;

WEAVE_CHECK = $(T)/weave --check --captures $(C) --figures figures \
    --glossary book/glossary.txt --bibliography book/bibliography.txt \
    --reviewed book/reviewed.txt

reviewed: $(B)/markup $(T)/weave ## records that both sides of each pair say the same
	@$(T)/weave --record --reviewed book/reviewed.txt < $<

picture: $(BOOK)/lockstep.pdf $(B)/i386/built ## renews README.png: a page beside the booted kernel
	@book/picture $< $(B)/i386/kernel.img 'Figure 9.1 The first half' README.png

release: $(B)/markup $(T)/weave ## tests it all, refuses drift, and packs build/release/
	@$(WEAVE_CHECK) --strict < $<
	@$(MAKE) test
	@rm -rf $(B)/release && mkdir -p $(B)/release
	@cp $(PDFS) $(B)/i386/kernel.elf $(B)/i386/kernel.img $(B)/release
	@cd $(B)/release && sha256sum * > SHA256SUMS && cat SHA256SUMS

toolchain: ## builds i686-elf-gcc from Debian's sources, which takes half an hour
	@./setup toolchain

summary: captures book
	@echo "kernel   $(B)/i386/kernel.elf, $(B)/i386/kernel.img"
	@echo "digest   $$(head -c 16 $(B)/i386/digest)"
	@echo "runs     $(words $(BOOTED)) boots, $(words $(EXPERIMENTS)) experiments, $(words $(CAPTURES)) pictures in $(C)/"
	@echo "book     $(PDFS)"
	@echo "next     make qemu, make test, make help"

.PHONY: book reviewed picture release toolchain summary
.PHONY: all help doctor clean tools again kernel qemu gdb where captures experiment experiments

# --- Tests -------------------------------------------------------------------

test: ## everything that must hold; TESTS="lib boot" runs these parts of it
	@tests/all $(TESTS)
check: ## the fast half of test: lints and host tests, in seconds
	@tests/all check
bench: ## what a change costs, in time, and a switch, in instructions
	@tests/bench

.PHONY: test check bench
