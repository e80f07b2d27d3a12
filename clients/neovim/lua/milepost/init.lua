--- Milepost in Neovim: what the server offers, as commands. Nothing here knows about courses.
local M = {}

local NAME = "milepost"

---@param text string
local function say(text)
  vim.notify("Milepost: " .. text, vim.log.levels.INFO)
end

--- Return the client of the current buffer, or any other one.
---@return vim.lsp.Client?
local function running()
  return vim.lsp.get_clients({ bufnr = 0, name = NAME })[1] or vim.lsp.get_clients({ name = NAME })[1]
end

---@param act fun(client: vim.lsp.Client)
local function with_client(act)
  local client = running()
  if client then
    act(client)
  else
    say("open a file of a course first, or start one with :MilepostStartCourse")
  end
end

--- Run a command of the server; `done` gets what it answers.
---@param client vim.lsp.Client
---@param command string
---@param argument? table
---@param done? fun(result: any)
local function execute(client, command, argument, done)
  -- An empty Lua table would arrive as a list.
  local params = { command = NAME .. "." .. command, arguments = argument and { argument } or {} }
  client:request("workspace/executeCommand", params, function(problem, result)
    if problem then
      say(problem.message)
    elseif done then
      done(result)
    end
  end)
end

---@param extra? table
---@return table
local function here(extra)
  return vim.tbl_extend("force", { uri = vim.uri_from_bufnr(0) }, extra or {})
end

--- Fetch the line above a buffer: it is shown there, and kept for the statusline.
---@param client vim.lsp.Client
---@param buffer integer
function M.show(client, buffer)
  local params = { textDocument = { uri = vim.uri_from_bufnr(buffer) } }
  client:request("textDocument/codeLens", params, function(problem, lenses)
    if problem or not vim.api.nvim_buf_is_valid(buffer) then
      return
    end
    local title = lenses and lenses[1] and lenses[1].command.title or ""
    if vim.b[buffer].milepost ~= title then
      vim.b[buffer].milepost = title
      vim.cmd.redrawstatus()
    end
  end, buffer)
  if vim.lsp.codelens.enable then
    vim.lsp.codelens.enable(true, { bufnr = buffer })
  else
    vim.lsp.codelens.refresh({ bufnr = buffer })
  end
end

--- Fetch the lines above all buffers of a client again.
---@param client_id integer
function M.refresh(client_id)
  local client = vim.lsp.get_client_by_id(client_id)
  for buffer in pairs(client and client.attached_buffers or {}) do
    M.show(client, buffer)
  end
end

--- Return how far the task of the current buffer is, for a statusline; empty where there is none.
---@return string
function M.status()
  local title = vim.b.milepost or ""
  return title == "" and "" or "Milepost: " .. title
end

function M.task()
  with_client(function(client)
    execute(client, "task", here())
  end)
end

function M.trust()
  with_client(function(client)
    execute(client, "trust", here())
  end)
end

function M.progress()
  with_client(function(client)
    execute(client, "progress")
  end)
end

function M.similar()
  with_client(function(client)
    execute(client, "similar", here())
  end)
end

function M.validate()
  with_client(function(client)
    execute(client, "validate", here())
  end)
end

function M.select_task()
  with_client(function(client)
    execute(client, "selectTask")
  end)
end

--- Have a goal drafted in the current folder; an empty wish opens a file to write it in.
---@param wish? string what to learn; asked for if it is not given
function M.new_goal(wish)
  if not wish then
    return vim.ui.input({ prompt = "What do you want to learn? (empty: write the goal yourself) " }, function(answer)
      if answer then
        M.new_goal(answer)
      end
    end)
  end
  local folder = vim.fn.getcwd()
  M.with_server(folder, function(client)
    execute(client, "newGoal", { folder = folder, wish = wish })
  end)
end

--- Store the goal of the draft in the current buffer.
function M.approve_goal()
  with_client(function(client)
    execute(client, "approveGoal", here())
  end)
end

--- Show every action for the line of the cursor.
function M.actions()
  vim.lsp.buf.code_action()
end

--- The findings of a line, or of the whole buffer, as the server sent them.
---@param client vim.lsp.Client
---@param line? integer
---@return lsp.Diagnostic[]
local function findings(client, line)
  local namespace = vim.lsp.diagnostic.get_namespace(client.id)
  return vim.tbl_map(function(diagnostic)
    return diagnostic.user_data.lsp
  end, vim.diagnostic.get(0, { namespace = namespace, lnum = line }))
end

--- Take the next step of help for the finding at the cursor, else for the first one.
function M.hint()
  with_client(function(client)
    local found = findings(client, vim.api.nvim_win_get_cursor(0)[1] - 1)[1]
    execute(client, "nextHint", here({ finding = found and found.data and found.data.id }))
  end)
end

--- Open a tab that compares the current buffer with another text.
---@param title string
---@param lines string[]
---@return integer buffer with the other text
local function compare(title, lines)
  local filetype = vim.bo.filetype
  vim.cmd("tab split | diffthis | rightbelow vnew")
  local other = vim.api.nvim_get_current_buf()
  vim.bo[other].buftype, vim.bo[other].bufhidden, vim.bo[other].swapfile = "nofile", "wipe", false
  vim.api.nvim_buf_set_lines(other, 0, -1, false, lines)
  vim.api.nvim_buf_set_name(other, ("milepost://%d/%s"):format(other, title))
  vim.bo[other].filetype, vim.bo[other].modifiable = filetype, false
  vim.cmd("diffthis")
  return other
end

---@param edit lsp.WorkspaceEdit
---@param buffer integer
---@return lsp.TextEdit[]
local function edits_of(edit, buffer)
  local uri = vim.uri_from_bufnr(buffer)
  for _, change in ipairs(edit.documentChanges or {}) do
    if change.textDocument and change.textDocument.uri == uri then
      return change.edits
    end
  end
  return edit.changes and edit.changes[uri] or {}
end

--- Return the lines of a buffer as they would be after an edit.
---@param client vim.lsp.Client
---@param buffer integer
---@param edit lsp.WorkspaceEdit
---@return string[]
local function lines_after(client, buffer, edit)
  local draft = vim.api.nvim_create_buf(false, true)
  vim.api.nvim_buf_set_lines(draft, 0, -1, false, vim.api.nvim_buf_get_lines(buffer, 0, -1, false))
  vim.lsp.util.apply_text_edits(edits_of(edit, buffer), draft, client.offset_encoding)
  local lines = vim.api.nvim_buf_get_lines(draft, 0, -1, false)
  vim.api.nvim_buf_delete(draft, { force = true })
  return lines
end

--- Compare a fix with the program, ask, and apply it.
---@param client vim.lsp.Client
---@param action lsp.CodeAction
local function offer(client, action)
  local buffer, window = vim.api.nvim_get_current_buf(), vim.api.nvim_get_current_win()
  local other = compare("fix", lines_after(client, buffer, action.edit))
  vim.cmd.redraw()
  vim.ui.select({ "Apply", "Leave it" }, { prompt = action.title }, function(choice)
    vim.api.nvim_buf_delete(other, { force = true })
    vim.cmd("diffoff! | silent! tabclose")
    vim.api.nvim_set_current_win(window)
    if choice == "Apply" then
      vim.lsp.util.apply_workspace_edit(action.edit, client.offset_encoding)
      client:exec_cmd(action.command, { bufnr = buffer })
    end
  end)
end

--- Pick one of the fixes of this buffer; with a single one there is nothing to pick.
function M.fix()
  with_client(function(client)
    local last = vim.api.nvim_buf_line_count(0)
    local params = {
      textDocument = { uri = vim.uri_from_bufnr(0) },
      range = { start = { line = 0, character = 0 }, ["end"] = { line = last, character = 0 } },
      context = { diagnostics = findings(client), only = { "quickfix" } },
    }
    client:request("textDocument/codeAction", params, function(problem, actions)
      local fixes = vim.tbl_filter(function(action)
        return action.edit ~= nil
      end, not problem and actions or {})
      if #fixes == 0 then
        return say("there is no fix for this text; save it to have it checked")
      end
      local function title(action)
        return action.title
      end
      if #fixes == 1 then
        return offer(client, fixes[1])
      end
      vim.ui.select(fixes, { prompt = "Fix", format_item = title }, function(choice)
        if choice then
          offer(client, choice)
        end
      end)
    end)
  end)
end

--- Compare the program with one of its earlier saves.
function M.history()
  with_client(function(client)
    execute(client, "history", here({ show = false }), function(entries)
      if #entries == 0 then
        return say("nothing of this file has been saved yet")
      end
      local function title(entry)
        local mark = entry.passed == true and "✓" or entry.passed == false and "✗" or "–"
        local score = type(entry.score) == "number" and ("%.2f"):format(entry.score) or ""
        return ("%s %s %s"):format(mark, entry.created_at:sub(1, 19):gsub("T", " "), score)
      end
      vim.ui.select(entries, { prompt = "Compare with", format_item = title }, function(entry)
        if entry then
          compare("history", vim.split(entry.text, "\n"))
        end
      end)
    end)
  end)
end

---@param client vim.lsp.Client
---@param goal table
local function pick_task(client, goal)
  local function title(task)
    local mark = task.status == "COMPLETED" and "✓" or "·"
    return ("%s %s"):format(mark, task.title)
  end
  vim.ui.select(goal.tasks, { prompt = goal.title, format_item = title }, function(task)
    if task and task.files[1] then
      vim.cmd.edit(vim.fn.fnameescape(vim.fs.joinpath(client.root_dir, task.files[1])))
    end
  end)
end

--- Pick a goal, then one of its tasks, and open its file.
function M.goals()
  with_client(function(client)
    execute(client, "progress", { show = false }, function(goals)
      if #goals == 0 then
        return say("there are no goals yet; start a course with :MilepostStartCourse")
      end
      if #goals == 1 then
        return pick_task(client, goals[1])
      end
      local function title(goal)
        return ("%s · %d %%"):format(goal.title, goal.percentage)
      end
      vim.ui.select(goals, { prompt = "Goal", format_item = title }, function(goal)
        if goal then
          pick_task(client, goal)
        end
      end)
    end)
  end)
end

--- Call `act` with a running client; where there is no course yet, one is started for the folder.
---@param folder string
---@param act fun(client: vim.lsp.Client)
function M.with_server(folder, act)
  local client = running()
  if client then
    return act(client)
  end
  local config = vim.tbl_extend("force", vim.lsp.config[NAME], {
    root_dir = folder,
    on_init = function(started)
      act(started)
    end,
  })
  vim.lsp.start(config, { attach = false })
end

--- Start a course in a folder; without one, in the current folder. The server asks which.
---@param folder? string
function M.start_course(folder)
  folder = vim.fs.normalize(vim.fn.fnamemodify(folder or vim.fn.getcwd(), ":p"))
  M.with_server(folder, function(client)
    execute(client, "startCourse", { folder = folder })
  end)
end

return M
