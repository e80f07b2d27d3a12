;;; -*- lexical-binding: t -*-
;; The words of the page have been read; the rest is what their user does, in Spanish by the setting that the page names.
(setq eglot-sync-connect 60 eglot-connect-timeout 120)
(setq-default eglot-workspace-configuration '(:milepost (:language "es")))
(setq milepost-answers '("Confiar" "Cambia"))
(milepost-open)
(call-interactively #'eglot)
(milepost-save)
(let ((finding (milepost-wait "a finding" (lambda () (car (flymake-diagnostics))))))
  (unless (string-match-p "milepost \\[examples\\].*se esperaba 3.0" (flymake-diagnostic-text finding))
    (error "Another finding: %s" (flymake-diagnostic-text finding)))
  (goto-char (flymake-diagnostic-beg finding)))
(milepost-wait
 "a fix among the code actions"
 (lambda ()
   (seq-find (lambda (action) (string-prefix-p "Cambia" (plist-get action :title)))
             (eglot-code-actions (point) (point)))))
;; Without an event of the keyboard the choice would be a menu for the mouse.
(let ((last-nonmenu-event ?\r))
  (call-interactively #'eglot-code-actions))
(milepost-wait "the repaired program" (lambda () (string-match-p "range(0," (buffer-string))))
(milepost-save)
(milepost-wait "no finding" (lambda () (null (flymake-diagnostics))))
(eglot-shutdown (eglot-current-server))
