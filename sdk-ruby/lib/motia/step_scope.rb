# frozen_string_literal: true

module Motia
  class StepFile; end # rubocop:disable Lint/EmptyClass
end

# Outside of any module, because Ruby looks constants up where code is written: `Process` in a step file is Ruby's, and not
# ours. The name of the parameter is what the file sees of it, so it is one that nobody has.
def (Motia::StepFile).scope_of(__motia_names)
  __motia_names.module_eval('binding', __FILE__, __LINE__)
end
