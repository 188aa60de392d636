# frozen_string_literal: true

raise 'wire: broken'
