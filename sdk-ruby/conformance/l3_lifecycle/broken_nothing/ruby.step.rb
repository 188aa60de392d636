# frozen_string_literal: true

def handler; end
